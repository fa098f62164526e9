// @ts-check
// The pages of this folder as HTML, which the build puts next to the plugin: the query editor links to them, so that an
// editor has the documentation of its own version, also without access to the internet.
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Marked } from 'marked';

const DOCS = fileURLToPath(new URL('.', import.meta.url));

const STYLE = `:root{color-scheme:light dark}
body{font:16px/1.6 Inter,Helvetica,Arial,sans-serif;max-width:960px;margin:0 auto;padding:16px;overflow-wrap:anywhere}
pre,table{overflow-x:auto;display:block}
table{border-collapse:collapse}
th,td{border:1px solid #8886;padding:4px 8px;text-align:left;vertical-align:top;overflow-wrap:break-word}
code{font:0.9em/1.4 'Roboto Mono',monospace;background:#8882;padding:0 3px;border-radius:2px}
pre{background:#8882;padding:8px 12px;border-radius:4px}
pre code{background:none;padding:0}
a{color:light-dark(#1f62e0,#6e9fff)}
img{max-width:100%}
:target{scroll-margin-top:8px}
h2,h3{line-height:1.3;margin-top:1.6em}`;

/**
 * Makes the anchors of the headings of one page, one after the other, as GitHub does: equal ones are numbered.
 *
 * @returns {(heading: string) => string} takes a heading in Markdown.
 */
export function anchorsOfPage() {
  /** @type {Map<string, number>} */
  const seen = new Map();
  return (heading) => {
    const words = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .trim()
      .toLowerCase();
    const anchor = words.replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '').replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  };
}

/**
 * Renders a page.
 *
 * @param {string} markdown with a front matter that has a title and a description.
 * @returns {string} a whole HTML document.
 */
export function renderPage(markdown) {
  const [, matter = '', body = markdown] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(markdown) ?? [];
  const valueOf = (/** @type {string} */ key) => new RegExp(`^${key}: (.*)$`, 'm').exec(matter)?.[1] ?? '';
  const anchorOf = anchorsOfPage();
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${anchorOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      image({ href, text }) {
        // Next to the plugin, src/img is img.
        return `<img src="${escape(href.replace('../src/img/', '../img/'))}" alt="${escape(text)}">`;
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        const target = /^[a-z]+:/.test(href) ? href : href.replace(/\.md(?=#|$)/, '.html');
        // Only the pages of this folder are next to the plugin, and not those for developers.
        return /^(\.\.\/)+[A-Z]/.test(href) || isForDevelopers(href) ? text : `<a href="${escape(target)}">${text}</a>`;
      },
    },
  });
  const [title, description] = [valueOf('title'), valueOf('description')].map(escape);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · MQTT Stream</title>
<meta name="description" content="${description}">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${description}</p>
${marked.parse(body, { async: false })}</main>
</body>
</html>
`;
}

/**
 * Whether somebody who uses the plugin does not need a page: it is in the repository only.
 *
 * @param {string} path of a page or a picture, relative to this folder; with or without an anchor.
 */
function isForDevelopers(path) {
  return /^(development\/(?!how-it-works)|img\/performance-path)/.test(path);
}

/**
 * Writes all pages and their pictures, but for developers' ones.
 *
 * @param {string} folder
 */
export async function writePages(folder) {
  const paths = await readdir(DOCS, { recursive: true });
  await Promise.all(
    paths
      .filter((path) => path.endsWith('.md') && !isForDevelopers(path))
      .map(async (path) => {
        const target = join(folder, path.replace(/\.md$/, '.html'));
        await mkdir(dirname(target), { recursive: true });
        await writeFile(target, renderPage(await readFile(join(DOCS, path), 'utf8')));
      })
  );
  await cp(join(DOCS, 'img'), join(folder, 'img'), {
    recursive: true,
    filter: (source) => !isForDevelopers(relative(DOCS, source)),
  });
}

/** @param {string} text */
function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
