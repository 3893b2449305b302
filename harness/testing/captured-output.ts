/** The output and the exit code of a command that runs in this process. */
export interface CapturedOutput {
  code: number
  stdout: string
  stderr: string
}

/** Runs it with both streams captured; the process keeps neither its signal handlers nor its exit code. */
export async function captureOutput(command: () => Promise<number>): Promise<CapturedOutput> {
  const output = { stdout: '', stderr: '' }
  const signals = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => ({ name, before: process.listeners(name) }))
  using stack = new DisposableStack()
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name]
    const write = stream.write.bind(stream)
    stream.write = (text: string | Uint8Array): boolean => {
      output[name] += String(text)
      return true
    }
    stack.defer(() => void (stream.write = write))
  }
  stack.defer(() => {
    process.exitCode = undefined
    for (const { name, before } of signals) {
      for (const listener of process.listeners(name)) if (!before.includes(listener)) process.off(name, listener)
    }
  })
  return { code: await command(), ...output }
}
