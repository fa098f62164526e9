export { checkFilter, shareless, TopicError } from './filter';
export { nearestTopics, rootFor } from './nearest';
export { parsePattern, parsePatterns, type TopicPattern } from './pattern';
export { FilterTrie } from './trie';
export { expandVariables, type Replace } from './variables';
