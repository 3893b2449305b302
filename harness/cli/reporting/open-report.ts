/** Opens a report in the browser of this machine. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Starts the program that opens it; returns a sentence if that is impossible. */
export async function openReport(path: string, env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  const program = chooseProgram(env)
  if (program === null) return `There is no display to open the report on. It is here: ${path}`
  // It outlives nodrop, and writes nothing into its output.
  const child = spawn(program, [path], { detached: true, stdio: 'ignore', env })
  try {
    await once(child, 'spawn')
    child.unref()
    return null
  } catch {
    return `Cannot open the report: there is no ${program} here. The report is here: ${path}`
  }
}

/** `xdg-open` is from https://specifications.freedesktop.org/, `open` from macOS; without a display both would only fail later. */
function chooseProgram(env: NodeJS.ProcessEnv): string | null {
  if (process.platform === 'darwin') return 'open'
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? 'xdg-open' : null
}
