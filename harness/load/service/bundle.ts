import { build } from 'esbuild'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { resolveProgram } from '../../base/program-path.ts'

/** The maximum size of a ConfigMap is 1 MiB (Kubernetes docs, "ConfigMaps"). */
const limitBytes = 1 << 20

const programs = { driver: 'main', autocannon: '../autocannon/main-autocannon' } as const
export type EngineName = keyof typeof programs

/** The driver as one ES module without dependencies, to be run in its pod. */
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

/** CommonJS modules load Node's modules with `require`, and refer to their folder by `__dirname`. */
const withCommonJs = {
  minify: true,
  banner: {
    js: `import { createRequire as nodropRequire } from 'node:module'
const require = nodropRequire(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename`,
  },
} as const
