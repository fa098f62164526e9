// Replaces src/payload in a bundle with the sources of c58a5ad, where a method has another name.
import { SeriesBuilder } from '../../../src/payload';

export * from '../../../src/payload';

Object.assign(SeriesBuilder.prototype, {
  addSimilarJson: Reflect.get(SeriesBuilder.prototype, 'addFamiliar') as unknown,
});
