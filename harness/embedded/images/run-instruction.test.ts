import { expect, test } from 'vitest'
import { parseRunLine } from './run-instruction.ts'

test.each([
  [
    'apt-get update && apt-get install -y --no-install-recommends nginx=1.2 curl/stable && rm -rf /var/lib/apt/lists/*',
    ['nginx', 'curl'],
    '',
  ],
  ['set -eux; apt-get update; apt-get install -y nginx; apt-get clean; mkdir /x', ['nginx'], 'set -eux ; mkdir /x'],
  ['set -ex; apt-get -qq install nginx', ['nginx'], ''],
  ['DEBIAN_FRONTEND=noninteractive apt-get -y install nginx && ln -s a b', ['nginx'], 'ln -s a b'],
  ['echo "a && apt-get b; c" && rm -rf /var/log/x', [], 'echo "a && apt-get b; c" && rm -rf /var/log/x'],
  [`printf 'a;b' && mkdir -p /a`, [], `printf 'a;b' && mkdir -p /a`],
])('RUN: %s', (line, packages, rest) => {
  expect(parseRunLine(line)).toEqual({ packages, rest })
})

test('RUN: apt-get inside of another command is refused', () => {
  expect(() => parseRunLine('if true; then apt-get install -y nginx; fi')).toThrow('as a plain command')
  expect(() => parseRunLine('(apt-get update) || true')).toThrow('as a plain command')
})
