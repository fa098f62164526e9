import { expect, test } from 'vitest';
import { withTopicSuggestion } from './topic-suggestion';

test.each<[text: string, filter: string, suggested: string, becomes: string | undefined]>([
  ['Home/t', 'Home/t', 'home/t', 'home/t'],
  ['a/b\n Home/t \nc', 'Home/t', 'home/t', 'a/b\nhome/t\nc'],
  ['Home/{room}/t', 'Home/+/t', 'home/+/t', 'home/{room}/t'],
  ['Home/{room}/{rest#}', 'Home/+/#', 'home/+/#', 'home/{room}/{rest#}'],
  ['Home/{room}/+/t', 'Home/+/+/t', 'site/home/+/+/t', 'site/home/{room}/+/t'],
  // A topic that exists in the place of a level that does not, has no wildcard where the line has one.
  ['home/{room}/x', 'home/+/x', 'home/kitchen/t', 'home/kitchen/t'],
  ['$share/g/Home/{room}', '$share/g/Home/+', 'home/+', '$share/g/home/{room}'],
  ['Home/$room/t', 'Home/kitchen/t', 'home/kitchen/t', undefined],
  ['a/#/b', 'x', 'y', undefined],
])('%j with %j as %j becomes %j', (text, filter, suggested, becomes) => {
  expect(withTopicSuggestion(text, filter, suggested)).toBe(becomes);
});
