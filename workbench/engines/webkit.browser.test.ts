import { browsers } from '../testing';
import { launchWebKit } from './webkit';
import { describeEngine } from './suite';

const { webkit } = browsers();

describeEngine('WebKit', webkit === undefined ? undefined : () => launchWebKit(webkit));
