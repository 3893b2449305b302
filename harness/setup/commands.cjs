'use strict'
/** Programs: found as a shell would, and where Debian keeps those that an ordinary user's PATH leaves out; and written for a shell. */
const fs = require('fs')
const path = require('path')

const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** The path of a program, if the machine has it. */
function findCommand(name) {
  const folders = (process.env.PATH || '').split(path.delimiter).concat(systemFolders)
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, name))
    .find((file) => {
      try {
        fs.accessSync(file, fs.constants.X_OK)
        return fs.statSync(file).isFile()
      } catch {
        return false
      }
    })
}

/** A word as a shell reads it, so that a command that is printed can be pasted. */
function quoteShellWord(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`
}

module.exports = { findCommand, quoteShellWord }
