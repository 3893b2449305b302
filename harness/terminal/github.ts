/**
 * Commands that GitHub's runner reads from the output of a job:
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */

/** `::error title=…::…`, on one line. */
export function formatWorkflowCommand(name: 'group' | 'endgroup' | 'error' | 'warning', text = '', title = ''): string {
  return `::${name}${title === '' ? '' : ` title=${escapeProperty(title)}`}::${escapeData(text)}`
}

/** Text that is no command, whatever it says: the runner looks behind leading spaces too, and for the old form anywhere in a line. */
export function disarmWorkflowCommands(text: string): string {
  return text.replaceAll(/^(\s*):(?=:)/gm, String.raw`$1\x3a`).replaceAll('##[', String.raw`#\x23[`)
}

/** As https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts has it. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
