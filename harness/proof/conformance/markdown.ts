/** Tables in Markdown. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const formatLine = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [formatLine(head), `|${head.map(() => '---|').join('')}`, ...rows.map(formatLine)]
}
