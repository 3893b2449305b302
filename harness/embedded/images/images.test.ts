import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { privileges, startIsolatedProcess } from '../testing/isolated-process.ts'
import type { IsolatedProcess } from '../testing/isolated-process.ts'

const files = {
  'made/Dockerfile': `FROM debian:bookworm-slim
ARG GREETING="hello world"
ENV A=1
ENV B="two $A" PATH=/opt/tool/bin:$PATH
RUN apt-get update && apt-get install -y bash && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 4242 --home-dir /srv/worker worker && mkdir -p /srv/worker/deep /var/lib/made && \\
    # A comment between continued lines.
    chown -R worker /srv/worker /var/lib/made && chmod 700 /var/lib/made
WORKDIR work
COPY --chmod=0755 bin /opt/tool/bin/
COPY conf/*.conf plain.txt conf.d/
COPY plain.txt /etc/security/made.txt
RUN echo "$GREETING $B" > /var/lib/made/greeting; ln -s /dev/stdout /var/log/made.log; rm -f /etc/issue
STOPSIGNAL QUIT
USER worker
ENTRYPOINT ["tool", "one"]
CMD ["two"]
`,
  'made/bin/tool': '#!/bin/sh\necho tool "$@"\n',
  'made/conf/a.conf': 'a\n',
  'made/conf/b.conf': 'b\n',
  'made/plain.txt': 'plain\n',
  'missing/Dockerfile': 'FROM debian\n\nRUN apt-get update && \\\n  apt-get install -y no-such-package-anywhere bash\n',
  'failing/Dockerfile': 'FROM debian\nRUN echo before && false\n',
  'unknown/Dockerfile': 'FROM debian\nCOPY nowhere /etc/\n',
  'shell/Dockerfile': 'FROM debian\nCMD echo $0 $A\nENV A=b\n',
  'none/Dockerfile': 'FROM debian\n',
  'steps/Dockerfile': `FROM debian
ENV NAME=first
RUN ["sh", "-c", "echo $NAME as $(id -u) in $(pwd) >>/tmp/steps"]
ENV NAME=second
WORKDIR /home/steps
RUN chmod 777 /home/steps && echo replaced >kept && echo "$NAME as $(id -u) in $(pwd)" >>/tmp/steps && chmod 666 /tmp/steps
COPY kept /home/steps/
RUN useradd --uid 5151 builder && mkdir own && chown builder own
USER builder
RUN echo "$NAME as $(id -u) in $(pwd)" >>/tmp/steps && echo own >own/file
COPY kept own/copied
`,
  'steps/kept': 'from the build context\n',
  'chatty/Dockerfile': `FROM debian
RUN seq 1 20000; echo the reason; exit 3
`,
  'absent/Dockerfile': `FROM debian
RUN ["no-such-program"]
`,
  'baseless/Dockerfile': '# From nowhere.\nFROM no-such/image:1\n',
}

describe.each(privileges)('images, by $privilege', ({ privilege, available }) => {
  let inside: IsolatedProcess
  beforeAll(async () => {
    if (available) inside = await startIsolatedProcess({ privilege, files })
  })
  afterAll(() => inside?.[Symbol.asyncDispose]())

  describe.skipIf(!available)('on this machine', () => {
    test('all instructions make the container', async () => {
      const result = await inside.evaluate(async ({ start }) => {
        const plain = await start({ image: 'nodrop/made:dev' })
        await plain.container.exited
        const script = `id -u; pwd; echo $B $HOME; cat conf.d/* /etc/security/made.txt /var/lib/made/greeting
          stat -c %a /opt/tool/bin/tool /var/lib/made; ls /etc/issue 2>/dev/null; touch /srv/worker/deep/x /var/lib/made/x && echo mine; echo log >/var/log/made.log`
        const looking = await start({ image: 'docker.io/nodrop/made:dev', command: ['sh', '-c', script] })
        await looking.container.exited
        const args = await start({ image: 'nodrop/made:dev', args: ['three', 'four'], runAsUser: 77 })
        await args.container.exited
        return { plain: plain.lines, looking: looking.lines, args: args.lines, stop: plain.container.stopSignal }
      })
      const getTexts = (lines: { text: string }[]) => lines.map(({ text }) => text)
      expect(getTexts(result.plain)).toEqual(['tool one two'])
      expect(getTexts(result.args)).toEqual(['tool one three four'])
      expect(result.stop).toBe('SIGQUIT')
      const first = ['4242', '/work', 'two 1 /srv/worker', 'a', 'b', 'plain', 'plain', 'hello world two 1']
      expect(getTexts(result.looking)).toEqual([...first, '755', '700', 'mine', 'log'])
    })

    test('an image that cannot be built says where and why', async () => {
      const result = await inside.evaluate(async ({ start }) => {
        const catchPullError = (name: string) =>
          start({ image: `nodrop/${name}:dev` }).then(
            () => 'started',
            (error: Error & { reason: string }) => `${error.reason}: ${error.message}`,
          )
        return Promise.all(['missing', 'failing', 'unknown', 'none', 'baseless'].map(catchPullError))
      })
      expect(result[0]).toMatch(/^ErrImagePull: .*missing\/Dockerfile:3: .*apt-get install no-such-package-anywhere$/)
      expect(result[1]).toMatch(/failing\/Dockerfile:2: "echo before && false" ended with exit code 1: before/)
      expect(result[2]).toMatch(/unknown\/Dockerfile:2: .*nowhere/)
      expect(result[3]).toMatch(/^CreateContainerError: no command specified/)
      expect(result[4]).toMatch(/^ErrImagePull: .*baseless\/Dockerfile:2: FROM: no-such\/image:1: not found/)
    })

    test('steps see what those before made, and run as the USER above', async () => {
      const lines = await inside.evaluate(async ({ start }) => {
        const script = 'cat /tmp/steps kept own/file own/copied; stat -c "%U %n" own own/file own/copied'
        const { container, lines } = await start({ image: 'nodrop/steps:dev', command: ['sh', '-c', script] })
        await container.exited
        return lines.map(({ text }) => text)
      })
      expect(lines.slice(0, 6)).toEqual([
        'first as 0 in /',
        'second as 0 in /home/steps',
        'second as 5151 in /home/steps',
        'from the build context',
        'own',
        'from the build context',
      ])
      // COPY gives files to root for any USER. With a single mapped user, that one owns everything.
      if (privilege === 'root') expect(lines.slice(6)).toEqual(['builder own', 'builder own/file', 'root own/copied'])
    })

    test('a step that fails shows the end of its output, at each attempt', async () => {
      const messages = await inside.evaluate(async ({ start }) => {
        const catchMessage = (name: string) =>
          start({ image: `nodrop/${name}:dev` }).then(
            () => 'started',
            (error: Error) => error.message,
          )
        const first = await Promise.all(['chatty', 'absent'].map(catchMessage))
        return [...first, await catchMessage('chatty')]
      })
      expect(messages[0]).toMatch(
        /chatty\/Dockerfile:2: "seq 1 20000 .*" ended with exit code 3: 19997\n19998\n19999\n20000\nthe reason$/,
      )
      expect(messages[1]).toMatch(
        /absent\/Dockerfile:2: "no-such-program" ended .* executable file not found in \$PATH/s,
      )
      expect(messages[2]).toBe(messages[0])
    })

    test('a build leaves the machine, and other images, as they are', async () => {
      const found = await inside.evaluate(async ({ start }) => {
        await start({ image: 'nodrop/steps:dev', command: ['true'] })
        const script = 'ls -d /home/steps /tmp/steps 2>/dev/null; grep -c builder /etc/passwd'
        const { container, lines } = await start({ command: ['sh', '-c', script] })
        await container.exited
        const { existsSync, readFileSync } = process.getBuiltinModule('node:fs')
        const onMachine = [existsSync('/home/steps'), readFileSync('/etc/passwd', 'utf8').includes('builder')]
        return { onMachine, lines: lines.map(({ text }) => text) }
      })
      expect(found).toEqual({ onMachine: [false, false], lines: ['0'] })
    })

    test('a CMD in shell form runs in a shell', async () => {
      const lines = await inside.evaluate(async ({ start }) => {
        const { container, lines } = await start({ image: 'nodrop/shell:dev' })
        await container.exited
        return lines
      })
      expect(lines.map(({ text }) => text)).toEqual(['/bin/sh b'])
    })
  })
})
