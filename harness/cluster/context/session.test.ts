import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listAbandonedSessions, openSession } from './session.ts'

let stateDir: string
beforeEach(() => {
  stateDir = join(mkdtempSync(join(tmpdir(), 'nodrop-session-')), 'state')
})
afterEach(() => rmSync(dirname(stateDir), { recursive: true }))

const about = { context: 'staging', uid: 'u1' }
const listFiles = (): string[] => readdirSync(stateDir, { recursive: true, encoding: 'utf8' }).sort()

/** A session with these namespaces, left by a process that has ended. */
function writeAbandonedSession(namespaces: string[]): string {
  const session = openSession(stateDir, about, 'credentials')
  for (const namespace of namespaces) session.recordNamespace(namespace)
  const path = join(dirname(session.kubeconfig), 'session.json')
  const file = JSON.parse(readFileSync(path, 'utf8')) as object
  const { pid } = spawnSync('true')
  writeFileSync(path, JSON.stringify({ ...file, pid, startTime: '1' }))
  return session.session
}

test('session: credentials are its owner’s only, and gone with it', () => {
  const session = openSession(stateDir, about, 'credentials')
  expect(readFileSync(session.kubeconfig, 'utf8')).toBe('credentials')
  expect(statSync(session.kubeconfig).mode & 0o777).toBe(0o600)
  expect(statSync(dirname(session.kubeconfig)).mode & 0o777).toBe(0o700)
  expect(statSync(stateDir).mode & 0o777).toBe(0o700)
  session.close()
  expect(listFiles()).toEqual([])
})

test('session: a namespace is on disk from before it is made until it is gone', () => {
  const session = openSession(stateDir, about, 'credentials')
  session.recordNamespace('nodrop-a')
  session.recordNamespace('nodrop-b')
  const readWritten = (): unknown => JSON.parse(readFileSync(join(dirname(session.kubeconfig), 'session.json'), 'utf8'))
  expect(readWritten()).toMatchObject({ ...about, namespaces: ['nodrop-a', 'nodrop-b'], pid: process.pid })
  session.forget('nodrop-a')
  expect(readWritten()).toMatchObject({ namespaces: ['nodrop-b'] })
  session.close()
  expect(readWritten()).toMatchObject({ namespaces: ['nodrop-b'] })
  expect(listFiles().filter((name) => name.endsWith('kubeconfig'))).toEqual([])
})

test('session: one whose process runs is not abandoned', () => {
  const session = openSession(stateDir, about, 'credentials')
  session.recordNamespace('nodrop-a')
  expect(listAbandonedSessions(stateDir)).toEqual([])
  expect(readFileSync(session.kubeconfig, 'utf8')).toBe('credentials')
})

test('session: what a killed process left is found, without credentials', () => {
  const session = writeAbandonedSession(['nodrop-a'])
  const [left] = listAbandonedSessions(stateDir)
  expect({ ...left, namespaces: left?.namespaces() }).toMatchObject({ ...about, session, namespaces: ['nodrop-a'] })
  expect(listFiles().filter((name) => name.endsWith('kubeconfig'))).toEqual([])
  left?.forget('nodrop-a')
  expect(listFiles()).toEqual([])
})

test('session: a killed process that had made nothing leaves nothing', () => {
  writeAbandonedSession([])
  expect(listAbandonedSessions(stateDir)).toEqual([])
  expect(listFiles()).toEqual([])
})

test('session: a file that cannot be read is left alone', () => {
  openSession(stateDir, about, 'credentials')
  for (const name of listFiles().filter((name) => name.endsWith('.json')))
    writeFileSync(join(stateDir, name), '{"schema": 2}')
  expect(listAbandonedSessions(stateDir)).toEqual([])
  expect(listFiles()).toHaveLength(3)
})
