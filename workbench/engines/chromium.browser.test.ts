import { browsers } from '../testing';
import { launchChromium } from './puppeteer';
import { describeEngine } from './suite';

const { chromium } = browsers();

describeEngine('Chromium', chromium === undefined ? undefined : () => launchChromium(chromium));
