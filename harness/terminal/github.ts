/** Disarms commands of GitHub's runner, which also searches after leading spaces, and for the old form anywhere in a line. */
export function disarmWorkflowCommands(text: string): string {
  return text.replaceAll(/^(\s*):(?=:)/gm, String.raw`$1\x3a`).replaceAll('##[', String.raw`#\x23[`)
}
