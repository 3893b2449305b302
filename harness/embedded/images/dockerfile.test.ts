import { expect, test } from 'vitest'
import { Fault } from '../../base/fault.ts'
import { splitWords, expandVariables } from './dockerfile-words.ts'
import { parseDockerfile } from './dockerfile.ts'

test('Dockerfile: words have quotes, escapes and variables as Docker’s', () => {
  const variables = new Map([
    ['A', 'x y'],
    ['EMPTY', ''],
  ])
  const scope = { variables, escape: '\\' }
  expect(splitWords(`a "b c" 'd $A' $A "\${A}" e\\ f`, scope)).toEqual(['a', 'b c', 'd $A', 'x y', 'x y', 'e f'])
  expect(splitWords('""', scope)).toEqual([''])
  expect(expandVariables('${EMPTY:-or $A} ${A:+set} ${NONE:+set}|\\$A $', scope)).toBe('or x y set |$A $')
  expect(() => splitWords('"open', scope)).toThrow('is not closed')
})

test('Dockerfile: continued lines are joined without their comments', () => {
  const text = `# escape is a backslash here
FROM debian
RUN first \\
  # about the "second\\" one \\.

  && second \\ \t
# and the third
  && third
ENV A="x \\
 y" B=$A
  CMD ["a b", "\\n", \\
  "c"]
COPY --chmod=755 \\
  --chown=1:2 a /b`
  const { steps, env, command } = parseDockerfile(text, 'Dockerfile')
  expect(steps).toMatchObject([
    { kind: 'run', line: 3, argv: ['/bin/sh', '-c', 'first   && second   && third'] },
    { kind: 'copy', line: 13, mode: '755', owner: '1:2', sources: ['a'], target: '/b' },
  ])
  expect([env.get('A'), command]).toEqual(['x  y', ['a b', '\n', 'c']])
})

test('Dockerfile: a directive chooses the escape character', () => {
  const text = '# escape=`\nFROM debian\nENV A=C:\\x `\n  B="`"q`""\nRUN a `\n  b'
  const { steps, env } = parseDockerfile(text, 'Dockerfile')
  expect([env.get('A'), env.get('B'), steps]).toMatchObject(['C:\\x', '"q"', [{ argv: ['/bin/sh', '-c', 'a   b'] }]])
})

test('Dockerfile: the last setting holds, and relative WORKDIRs add up', () => {
  const text = `# first
FROM debian:bookworm-slim AS base
WORKDIR /a
workdir b
ENV OLD old form of it
ENV X=1
ENV X=2 \\
# in between

    Y=$X
CMD echo
CMD ["x", \\
  "y"]
STOPSIGNAL 3
EXPOSE 80`
  expect(parseDockerfile(text, 'Dockerfile')).toMatchObject({
    workingDir: '/a/b',
    command: ['x', 'y'],
    stopSignal: 'SIGQUIT',
    env: new Map([
      ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      ['OLD', 'old form of it'],
      ['X', '2'],
      // An instruction sees what earlier ones set.
      ['Y', '1'],
    ]),
  })
})

test.each([
  ['FROM debian\nFROM debian', 2, 'several stages'],
  ['RUN true', 1, 'must come after FROM'],
  ['FROM debian\n\nRUN <<EOF\ntrue\nEOF', 3, 'here-documents'],
  ['FROM debian\nCOPY <<EOF /x\nFROM debian\nEOF\nRUN true', 2, 'COPY: here-documents'],
  ['FROM debian\nRUN cat <<-"END" >/x && \\\n  true\nUSER a\nEND', 2, 'RUN: here-documents'],
  ['FROM debian\nRUN --mount=type=cache,target=/x true', 2, '--mount is not supported'],
  ['FROM debian\nCOPY --from=b /x /y', 2, '--from is not supported'],
  ['FROM debian\nCOPY x', 2, 'a source and a target'.replace('a source', 'at least one source')],
  ['FROM debian\nADD x /y', 2, 'ADD: is not supported'],
  ['FROM debian\nSTOPSIGNAL NOPE', 2, '"NOPE" is not a signal'],
  ['FROM debian\nENV =x', 2, 'NAME=value'],
  ['# nothing', 1, 'must have a FROM'],
  ['\nFROM no-such/image:1', 2, 'FROM: no-such/image:1: not found: '],
  ['FROM debian:no-such-tag', 1, 'debian:no-such-tag: not found'],
  ['FROM python:3.12-alpine', 1, 'python:3.12-alpine: not found'],
  ['ARG BASE=localhost:5000/debian\nFROM $BASE', 2, 'localhost:5000/debian: not found'],
  ['FROM debian AS', 1, 'IMAGE [AS NAME]'],
  ['FROM', 1, 'IMAGE [AS NAME]'],
])('Dockerfile: %j is refused at its line', (text, line, why) => {
  const parseText = () => parseDockerfile(text, 'apps/x/Dockerfile')
  expect(parseText).toThrow(Fault)
  expect(parseText).toThrow(`apps/x/Dockerfile:${line}: `)
  expect(parseText).toThrow(why)
})

test.each([
  'debian',
  'debian:bookworm-slim',
  'docker.io/library/debian:trixie-20260112-slim AS base',
  `debian:12.9-slim@sha256:${'0'.repeat(64)}`,
  '--platform=linux/amd64 ubuntu:24.04 as base',
  'ubuntu:noble',
  'python:3.12-slim',
  'python:3.13-bookworm',
  'node:24',
  'node:lts-trixie-slim',
])('Dockerfile: FROM %s is a base image that the machine can stand in for', (text) => {
  expect(parseDockerfile(`FROM ${text}`, 'Dockerfile').steps).toEqual([])
})
