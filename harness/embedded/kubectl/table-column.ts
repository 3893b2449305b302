/** The columns of a table, and how a kind fills them. */
export type Cell = string | number | boolean

export interface Column {
  name: string
  type: 'string' | 'integer'
  format: '' | 'name'
  description: string
  /** 1: only for `-o wide`. */
  priority: 0 | 1
}

export interface Printer<T> {
  columns: Column[]
  /** One for each column. */
  cells: (object: T) => Cell[]
}

/** Parses column names, separated by commas: `Name` is the object's; a trailing `*` marks a wide one, a trailing `#` one of integers. */
export function parseColumns(names: string): Column[] {
  return names.split(', ').map((text) => {
    const name = text.replace(/[*#]+$/, '')
    const format = name === 'Name' ? 'name' : ''
    const type = text.includes('#') ? 'integer' : 'string'
    return { name, type, format, description: '', priority: text.endsWith('*') ? 1 : 0 }
  })
}

/** `<none>` for an empty text. */
export function formatOrNone(text: string | undefined): string {
  return text === undefined || text === '' ? '<none>' : text
}

/** At most three, and the number of the others. */
export function formatFirstThree(list: string[]): string {
  if (list.length === 0) return '<unset>'
  const more = list.length > 3 ? ` + ${list.length - 3} more...` : ''
  return `${list.slice(0, 3).join(',')}${more}`
}
