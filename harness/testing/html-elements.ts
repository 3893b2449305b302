/** HTML and SVG as elements, for tests of a page's content instead of its markup. */
import { parseHTML } from 'linkedom'

export interface PageElement {
  textContent: string
  getAttribute(name: string): string | null
  matches(selector: string): boolean
  closest(selector: string): PageElement | null
}

export interface Page {
  /** The elements that a selector finds, in the order of the page. */
  list: (selector: string) => PageElement[]
  /** The only matching element. Throws if there is another, or none. */
  only: (selector: string) => PageElement
  /** The texts of elements, on one line each. */
  texts: (selector: string) => string[]
  /** Numeric attributes of elements. */
  numbers: (selector: string, attribute: string) => number[]
  /** Cells of the table whose summary begins with this title, row by row; the headings first. */
  table: (title: string) => string[][]
}

interface Parent extends PageElement {
  querySelectorAll(selector: string): Iterable<Parent>
}

export function parsePage(markup: { toString(): string }): Page {
  const { document } = parseHTML(`<!doctype html><html><body>${markup.toString()}</body></html>`) as unknown as {
    document: Parent
  }
  const list = (selector: string): Parent[] => [...document.querySelectorAll(selector)]
  const readRow = (row: Parent): string[] => [...row.querySelectorAll('th, td')].map(readText)
  return {
    list,
    only(selector) {
      const [first, ...others] = list(selector)
      if (first === undefined || others.length > 0) throw new Error(`${others.length + (first ? 1 : 0)} × ${selector}`)
      return first
    },
    texts: (selector) => list(selector).map(readText),
    numbers: (selector, attribute) => list(selector).map((element) => Number(element.getAttribute(attribute))),
    table(title) {
      const found = list('details.table').filter((one) =>
        readText([...one.querySelectorAll('summary')][0]!).startsWith(title),
      )
      if (found.length !== 1) throw new Error(`${found.length} tables are called ${title}`)
      return [...found[0]!.querySelectorAll('tr')].map(readRow)
    },
  }
}

function readText({ textContent }: PageElement): string {
  return textContent.replaceAll(/\s+/g, ' ').trim()
}
