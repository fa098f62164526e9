export { TopicAssist } from './TopicAssist';
