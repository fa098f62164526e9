export { editDistance } from './edit-distance';
export { checkFilter, shareless, TopicError } from './filter';
export { findOverlapping } from './find-overlapping';
export { findTopics } from './find-topics';
export { nearestTopics, rootFor } from './nearest';
export { parsePattern, parsePatterns, type TopicPattern } from './pattern';
export { pivot, pivotFilters, unpivot, type Pivoted, type PivotFilter } from './pivot';
export { covers, matches, overlaps } from './relations';
export {
  findFilterProblem,
  findTextProblem,
  findTopicProblem,
  isShared,
  isWide,
  MAX_TOPIC_BYTES,
  type FilterProblem,
  type SyntaxRules,
  type TopicProblem,
} from './syntax';
export { TopicTree } from './tree';
export { FilterTrie } from './trie';
export { expandVariables, type Replace } from './variables';
