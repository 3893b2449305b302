/**
 * What `npm pack` puts into dist/: the checkout as a few files of JavaScript, with one file of declarations for each entry of the package.
 * Node does not strip types below node_modules, and what is loaded from many small files takes longer to start.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'
import { rolldown } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'
import { bundleScripts, bundleStyle, pageNames } from '../judge/report/assets.ts'

const root = join(import.meta.dirname, '../..')
const dist = join(root, 'dist')
const embedded = join(root, 'harness/embedded')

/** What projects import. */
const libraries = ['harness/index', 'harness/library/vitest']
/** They share most of what they are made of. */
const commands = ['harness/cli/cli', 'harness/cli/up/hold-cluster']
/** What runs in a process of its own, or is bundled at run time: each is one file. */
const programs = [
  'harness/embedded/main',
  'harness/load/service/main',
  'harness/load/autocannon/main-autocannon',
  'harness/proof/faults/fault-process',
]
/** Of reports. */
const pageScript = 'harness/judge/page/page.js'

/** What is read beside the code, by folder. */
const assets = {
  'apps/app': /./,
  'apps/driver': /./,
  'apps/nginx': /./,
  manifests: /\/manifests\/((base|rbac)\/)?[^/]+$/,
  'harness/embedded': /\.sh$/,
  'harness/setup': /\/(commands|linux-node|node-version|npm)\.cjs$/,
}

/** The workspace is a part of the package: its name becomes the path of what it exports. */
const embeddedPlugin = {
  name: 'embedded',
  setup({ onResolve }) {
    const { exports } = JSON.parse(readFileSync(join(embedded, 'package.json'), 'utf8'))
    onResolve({ filter: /^@nodrop\/embedded-kubernetes(\/|$)/ }, ({ path }) => ({
      path: join(embedded, exports[path.replace('@nodrop/embedded-kubernetes', '.')]),
    }))
  },
}

/**
 * Wherever a module ends up, its own place is the one that it would have if it were compiled by itself: there it finds the files beside it.
 * `define` has the names.
 */
const placesPlugin = {
  name: 'places',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^nodrop:places$/ }, ({ path }) => ({ path, namespace: 'places' }))
    onLoad({ filter: /.*/, namespace: 'places' }, () => ({ contents: placesModule, resolveDir: root }))
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8')
      const place = relative(root, path).replace(/\.ts$/, '.js')
      const head = `import { locateModule } from 'nodrop:places'
const { filename: moduleFile, dirname: moduleFolder, url: moduleUrl } = locateModule(${JSON.stringify(place)})
`
      return { contents: source.includes('import.meta.') ? head + source : source, loader: 'ts' }
    })
  },
}
const define = {
  'import.meta.dirname': 'moduleFolder',
  'import.meta.filename': 'moduleFile',
  'import.meta.url': 'moduleUrl',
}
/** Destructuring, which `define` leaves alone. */
const placesModule = `import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
const { filename: own } = import.meta
const dist = own.replace(/^(.*[\\\\/]dist)[\\\\/].*$/s, '$1')
export function locateModule(place) {
  const filename = join(dist, place)
  return { filename, dirname: dirname(filename), url: pathToFileURL(filename).href }
}`

const shared = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  charset: 'utf8',
  outbase: root,
  logLevel: 'warning',
}

async function bundleCode() {
  const scenarios = readdirSync(join(root, 'scenarios')).filter((name) => /^[^.]+\.ts$/.test(name))
  const own = { ...shared, packages: 'external', plugins: [embeddedPlugin, placesPlugin], define }
  await build({
    ...own,
    entryPoints: [...libraries, ...commands].map((entry) => `${entry}.ts`),
    chunkNames: 'harness/shared/[hash]',
    splitting: true,
  })
  await build({ ...own, entryPoints: programs.map((entry) => `${entry}.ts`) })
  // Bundled as a report does it in a checkout, so that its bytes are the same.
  mkdirSync(join(dist, dirname(pageScript)), { recursive: true })
  writeFileSync(join(dist, pageScript), bundleScripts())
  for (const name of pageNames) writeFileSync(join(dist, dirname(pageScript), `${name}.css`), bundleStyle(name))
  // They import what the user has installed.
  await build({ ...shared, entryPoints: scenarios.map((name) => `scenarios/${name}`), bundle: false })
}

/** Standard output is for what `npm pack` itself prints. */
const logger = { info() {}, warn: console.error, error: console.error }

/** One file for each library: what it exports, and nothing that does not lead to it. */
async function bundleDeclarations() {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-types-'))
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const project = join(import.meta.dirname, 'tsconfig.pack.json')
    execFileSync(process.execPath, [tsc, '-p', project, '--outDir', folder], { stdio: ['ignore', 2, 2] })
    for (const library of libraries) {
      const bundle = await rolldown({
        input: { [library]: join(folder, `${library}.d.ts`) },
        external: (id) => !id.startsWith('.') && !id.startsWith('/'),
        plugins: [dts({ dtsOnly: true, sourcemap: false, logger })],
      })
      await bundle.write({ dir: dist, entryFileNames: '[name].ts', chunkFileNames: 'harness/shared/[name]-[hash].ts' })
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

rmSync(dist, { recursive: true, force: true })
await bundleCode()
await bundleDeclarations()
for (const [folder, pattern] of Object.entries(assets)) {
  const filter = (path) => statSync(path).isDirectory() || pattern.test(path)
  cpSync(join(root, folder), join(dist, folder), { recursive: true, filter })
}
