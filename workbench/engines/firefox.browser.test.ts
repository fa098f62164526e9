import { browsers } from '../testing';
import { launchFirefox } from './puppeteer';
import { describeEngine } from './suite';

const { firefox } = browsers();

describeEngine('Firefox', firefox === undefined ? undefined : () => launchFirefox(firefox));
