/** Text that is no command of GitHub's runner, whatever it says: it looks behind leading spaces too, and for the old form anywhere in a line. */
export function disarmWorkflowCommands(text: string): string {
  return text.replaceAll(/^(\s*):(?=:)/gm, String.raw`$1\x3a`).replaceAll('##[', String.raw`#\x23[`)
}
