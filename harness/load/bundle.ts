import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { Fault, messageOf } from '../fault.ts'

/** A ConfigMap holds 1 MiB at most (Kubernetes docs, "ConfigMaps"). */
const limitBytes = 1 << 20

/** The driver as one ES module without dependencies: what its pod runs. */
export async function bundleDriver(): Promise<string> {
  const entry = fileURLToPath(new URL('main.ts', import.meta.url))
  try {
    const { outputFiles } = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      target: 'node24',
      logLevel: 'silent',
    })
    const code = outputFiles.map(({ text }) => text).join('')
    if (code.length > limitBytes) throw new Error(`it has ${code.length} bytes, more than a ConfigMap can hold`)
    return code
  } catch (error) {
    throw new Fault('environment', `Cannot bundle the load driver: ${messageOf(error)}`, 'Run npm ci again.', {
      cause: error,
    })
  }
}
