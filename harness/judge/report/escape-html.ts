/** Everything between the program's strings and the bytes of a report. All text from outside is hostile (law 10). */

/** Markup that is already safe. Only `html` and `trustMarkup` create it: an object in data cannot be taken for it. */
export class Html {
  readonly #markup: string

  constructor(markup: string) {
    this.#markup = markup
  }

  toString(): string {
    return this.#markup
  }
}

export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[]

// Control, format (zero-width, bidirectional, tags), lone surrogates, line separators, and characters that fonts may leave blank.
const invisibleCharacters = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** Makes control, bidirectional and invisible characters visible: ESC becomes `␛`, U+202E becomes `⟨U+202E⟩`. */
export function showInvisible(text: string): string {
  return text.replace(invisibleCharacters, (character) => {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x20) return String.fromCodePoint(0x2400 + code)
    if (code === 0x7f) return '␡'
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
  })
}

/** As `showInvisible`, but at most `limit` characters; states how much was cut. */
export function formatExcerpt(text: string, limit = 512): string {
  const characters = Array.from(text)
  if (characters.length <= limit) return showInvisible(text)
  return `${showInvisible(characters.slice(0, limit).join(''))}… (${characters.length - limit} more characters)`
}

/** With no-break spaces before units, for narrow places. */
export function keepUnits(text: string): string {
  return text.replaceAll(/(?<=\d) (?=(?:µs|ms|s|min|h|%)(?!\S))/g, '\u00a0')
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text for an element or a quoted attribute, in HTML and XML alike. */
export function escapeText(text: string): string {
  return showInvisible(text).replace(/[&<>"']/g, (character) => entities[character] ?? character)
}

function renderValue(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return ''
  if (value instanceof Html) return value.toString()
  if (typeof value === 'object') return value.map(renderValue).join('')
  return escapeText(String(value))
}

/** Template tag that escapes every value; attributes must stand in double quotes. */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new Html(strings.reduce((markup, part, index) => markup + renderValue(values[index - 1]) + part))
}

/** Markup from the program's own files; never for text that was read in a run. */
export function trustMarkup(markup: string): Html {
  return new Html(markup)
}

/**
 * JSON for a `<script type="application/json">`: no character in it can end the element, and invisible characters in its strings are
 * already visible, so a script may show them unchanged.
 */
export function escapeJson(value: unknown): Html {
  const json = JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? showInvisible(part) : part))
  return new Html(json.replace(/[<>&]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`))
}
