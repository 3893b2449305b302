'use strict'
/** `linux-node.cjs <architecture>`: brings a Node for Linux on that architecture, says where its binary is, and does nothing else. */
const { ensureLinuxNode } = require('./npm.cjs')

try {
  const binary = ensureLinuxNode(process.argv[2], (what) => process.stderr.write(`installing ${what}\n`))
  if (binary) process.stdout.write(`${binary}\n`)
  else process.exitCode = 3
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 3
}
