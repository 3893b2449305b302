import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import type { PageAssets } from '../report/assets.ts'

/** A page as one file; its policy forbids a browser to load anything else. */
export function renderPageFrame(
  { title, answer, style, policy }: { title: string; answer: string } & Pick<PageAssets, 'style' | 'policy'>,
  body: Html,
): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${answer} · ${title}</title>
        <link rel="icon" href="data:," />
        ${style}
      </head>
      <body>
        ${body}
      </body>
    </html> `
  return page.toString()
}
