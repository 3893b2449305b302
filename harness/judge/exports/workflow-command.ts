/**
 * Commands that GitHub's runner reads from the output of a job:
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
import { showInvisible } from '../report/escape-html.ts'

/** `::error title=…::…`, on one line. */
export function formatWorkflowCommand(name: 'group' | 'endgroup' | 'error' | 'warning', text = '', title = ''): string {
  return `::${name}${title === '' ? '' : ` title=${escapeProperty(title)}`}::${escapeData(text)}`
}

/** Escapes as https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts does; other invisible characters are shown. */
function escapeData(text: string): string {
  return showInvisible(text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A'))
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
