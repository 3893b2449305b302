'use strict'
/**
 * `npm pack` runs this first: dist/ becomes the checkout as JavaScript, with declarations, at the same places below it, so that every file
 * finds every other as it does here. Node does not strip types below node_modules.
 */
const fs = require('fs')
const path = require('path')
const { execFileSync } = require('child_process')

const root = path.join(__dirname, '../..')
const dist = path.join(root, 'dist')
const embedded = require('../embedded/package.json')

/** What is read beside the code. Scripts of the page are bundled at run time, from the modules that they import. */
const assets = [
  'apps',
  'manifests',
  'scenarios',
  'harness/judge/page',
  'harness/embedded/package.json',
  'harness/setup',
]
const isAsset = (file) => !/\.ts$|tsconfig|\/pack\.cjs$/.test(file)

function compile() {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  const node24 = path.join(__dirname, 'node24.cjs')
  execFileSync(process.execPath, [node24, tsc, '-p', path.join(__dirname, 'tsconfig.pack.json')], { stdio: 'inherit' })
}

function copyAssets() {
  for (const asset of assets)
    fs.cpSync(path.join(root, asset), path.join(dist, asset), {
      recursive: true,
      filter: (file) => fs.statSync(file).isDirectory() || isAsset(file),
    })
  for (const file of listFiles(path.join(root, 'harness/embedded')).filter((name) => name.endsWith('.sh')))
    fs.cpSync(file, path.join(dist, path.relative(root, file)))
}

function listFiles(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name)
    return entry.isDirectory() ? listFiles(file) : [file]
  })
}

/** The workspace is part of the package: its name becomes the path of what it exports. Scripts of the page import compiled modules. */
function rewriteImports(file) {
  const source = fs.readFileSync(file, 'utf8')
  const text = source
    .replace(/(['"])@nodrop\/embedded-kubernetes(\/[\w-]+)?\1/g, (_, quote, entry) => {
      const target = embedded.exports[entry ? `.${entry}` : '.'].replace(/\.ts$/, '.js')
      const relative = path.relative(path.dirname(file), path.join(dist, 'harness/embedded', target))
      return `${quote}${relative.startsWith('.') ? relative : `./${relative}`}${quote}`
    })
    .replace(file.includes('/judge/page/') ? /(from '[^']+)\.ts'/g : /(?!)/g, "$1.js'")
  if (text !== source) fs.writeFileSync(file, text)
}

/** Declarations that nothing of what the package exports leads to are left out. */
function removeOtherDeclarations() {
  const reached = new Set()
  const visit = (file) => {
    if (reached.has(file)) return
    reached.add(file)
    for (const [, target] of fs.readFileSync(file, 'utf8').matchAll(/['"](\.[^'"]+)\.(?:js|ts)['"]/g))
      visit(path.join(path.dirname(file), `${target}.d.ts`))
  }
  visit(path.join(dist, 'harness/index.d.ts'))
  for (const file of listFiles(dist)) if (file.endsWith('.d.ts') && !reached.has(file)) fs.rmSync(file)
}

fs.rmSync(dist, { recursive: true, force: true })
compile()
copyAssets()
for (const file of listFiles(dist)) if (/\.(js|d\.ts)$/.test(file)) rewriteImports(file)
removeOtherDeclarations()
