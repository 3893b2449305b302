/** The parts of a report, and the bar with links to them. */
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'

/** In the order of the page; the id of a part is also its link. */
export const pageParts = {
  safe: 'Which is safe',
  happened: 'What happened',
  why: 'Why and what to do',
  requests: 'Lost requests',
  measured: 'How it was measured',
} as const

export type PagePart = keyof typeof pageParts

/** A link to each part of the page; the buttons need the page's script. */
export function renderPageBar(parts: readonly PagePart[]): Html {
  return html`<nav class="bar" aria-label="Parts of the report">
    <a class="mark" href="#safe">nodrop</a>
    <ul>
      ${parts.map((part) => html`<li><a href="#${part}">${pageParts[part]}</a></li>`)}
    </ul>
    <div class="acts with-script">
      <button type="button" data-theme-toggle aria-label="Dark colours" aria-pressed="false">
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.6" />
          <path d="M8 1.8a6.2 6.2 0 0 1 0 12.4Z" fill="currentColor" />
        </svg>
      </button>
      <button type="button" data-copy-link>Copy link</button>
      <span class="said" role="status" data-said></span>
    </div>
  </nav>`
}

/** A part with its heading; `tabindex` lets a link move the focus to it. */
export function renderPart(part: PagePart, content: Html): Html {
  return html`<section class="part" id="${part}" tabindex="-1" aria-labelledby="${part}-title">
    <h2 id="${part}-title">${pageParts[part]}</h2>
    ${content}
  </section>`
}
