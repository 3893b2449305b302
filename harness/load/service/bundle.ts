import { build } from 'esbuild'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { resolveProgram } from '../../base/program-path.ts'

/** A ConfigMap holds 1 MiB at most (Kubernetes docs, "ConfigMaps"). */
const limitBytes = 1 << 20

const programs = { driver: 'main', autocannon: '../autocannon/main-autocannon' } as const
export type EngineName = keyof typeof programs

/** The driver as one ES module without dependencies: what its pod runs. */
export async function bundleDriver(engine: EngineName = 'driver'): Promise<string> {
  const entry = resolveProgram(import.meta.dirname, programs[engine])
  try {
    const { outputFiles } = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      target: 'node24',
      logLevel: 'silent',
      ...(engine === 'driver' ? {} : withCommonJs),
    })
    const code = outputFiles.map(({ text }) => text).join('')
    if (code.length > limitBytes) throw new Error(`it has ${code.length} bytes, more than a ConfigMap can hold`)
    return code
  } catch (error) {
    throw new Fault('environment', `Cannot bundle the load driver: ${getErrorMessage(error)}`, 'Run npm ci again.', {
      cause: error,
    })
  }
}

/** Modules of another kind ask for Node's by `require`, and for their folder's name. */
const withCommonJs = {
  minify: true,
  banner: {
    js: `import { createRequire as nodropRequire } from 'node:module'
const require = nodropRequire(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename`,
  },
} as const
