import { getPriority } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { privileges, startIsolatedProcess } from '../testing/isolated-process.ts'
import type { IsolatedProcess } from '../testing/isolated-process.ts'

describe.each(privileges)('containers, by $privilege', ({ privilege, available }) => {
  let inside: IsolatedProcess
  beforeAll(async () => {
    if (available) inside = await startIsolatedProcess({ privilege })
  })
  afterAll(() => inside?.[Symbol.asyncDispose]())

  describe.skipIf(!available)('on this machine', () => {
    test('the entrypoint is PID 1, as its user, without capabilities', async () => {
      const result = await inside.evaluate(async ({ start, makePod }) => {
        const script =
          'echo $$ $(id -u):$(id -g) $(pwd); grep -hE "CapEff|CapPrm|NoNewPrivs" /proc/self/status; hostname; tr "\\0" " " </proc/1/cmdline'
        const { container, lines } = await start({ command: ['sh', '-c', script, 'zero'] }, await makePod('web-1'))
        return { exit: await container.exited, lines: lines.map(({ text }) => text) }
      })
      expect(result.lines.slice(0, 5)).toEqual([
        // The image's USER is 10001:10001: Kubernetes uses only its user.
        '1 10001:0 /app',
        'CapPrm:\t0000000000000000',
        'CapEff:\t0000000000000000',
        'NoNewPrivs:\t1',
        'web-1',
      ])
      expect(result.lines[5]).toMatch(/^sh -c echo .* zero $/)
      expect(result.exit.exitCode).toBe(0)
    })

    test('root has the capabilities of a container runtime’s default', async () => {
      const lines = await inside.evaluate(async ({ start }) => {
        const { container, lines } = await start({
          command: ['sh', '-c', 'id -u; grep Cap /proc/self/status'],
          runAsUser: 0,
          runAsGroup: 0,
        })
        await container.exited
        return lines.map(({ text }) => text)
      })
      const expected = '00000000a80425fb'
      expect(lines).toEqual([
        '0',
        'CapInh:\t0000000000000000',
        ...['Prm', 'Eff', 'Bnd'].map((set) => `Cap${set}:\t${expected}`),
        'CapAmb:\t0000000000000000',
      ])
    })

    test('a container with a CPU request goes before those without', async () => {
      const lines = await inside.evaluate(async ({ start }) => {
        const command = [
          'sh',
          '-c',
          'sleep 0.5; echo $(cut -d" " -f19 /proc/self/stat) $(grep -o "nice.*" /proc/1/autogroup)',
        ]
        const started = [await start({ command, cpuShares: 512 }), await start({ command })]
        for (const { container } of started) await container.exited
        return started.map(({ lines }) => lines[0]?.text ?? '')
      })
      // As root it is raised; a user may only lower the others. If the kernel has no autogroups the second word is missing.
      const own = getPriority()
      const [least, most] = privilege === 'root' ? [-10, own] : [own, Math.min(19, own + 10)]
      expect(lines.map((line) => Number(line.split(' ')[0]))).toEqual([least, most])
      const ofSessions = lines.map((line) => / nice (-?\d+)$/.exec(line)?.[1] ?? null)
      const inSessions = privilege === 'root' ? ['-10', '0'] : [String(own), String(most)]
      expect([inSessions, [null, null]]).toContainEqual(ofSessions)
    })

    test('TERM is lost on a PID 1 without a handler', async () => {
      const result = await inside.evaluate(async ({ start, sleep }) => {
        const deaf = await start({ command: ['sleep', '60'] })
        const heeding = await start({
          command: ['sh', '-c', 'trap "echo got TERM; exit 3" TERM; echo set; while :; do sleep 0.05; done'],
        })
        await heeding.waitForLine('set')
        for (const { container } of [deaf, heeding]) container.signal('SIGTERM')
        const exit = await heeding.container.exited
        const still = await Promise.race([deaf.container.exited, sleep(300, 'runs')])
        deaf.container.signal('SIGKILL')
        return {
          exit,
          still,
          killed: await deaf.container.exited,
          again: deaf.container.signal('SIGTERM'),
          text: heeding.lines.at(-1)?.text,
        }
      })
      expect(result).toMatchObject({
        exit: { exitCode: 3, signal: null },
        still: 'runs',
        text: 'got TERM',
        again: false,
      })
      expect(result.killed).toMatchObject({ exitCode: 137, signal: 'SIGKILL' })
    })

    test('a shell script without exec keeps TERM from its child', async () => {
      const result = await inside.evaluate(async ({ start, sleep }) => {
        const child = `node -e "process.on('SIGTERM', () => process.exit(7)); console.log('up'); setInterval(() => {}, 1000)"`
        const without = await start({ command: ['bash', '-c', `${child}; true`] })
        const within = await start({ command: ['bash', '-c', `exec ${child}`] })
        await Promise.all([without.waitForLine('up'), within.waitForLine('up')])
        for (const { container } of [without, within]) container.signal('SIGTERM')
        const exit = await within.container.exited
        const still = await Promise.race([without.container.exited, sleep(300, 'runs')])
        without.container.signal('SIGKILL')
        await without.container.exited
        return { exitCode: exit.exitCode, still }
      })
      expect(result).toEqual({ exitCode: 7, still: 'runs' })
    })

    test('exit codes: its own, and 128 + n for a signal', async () => {
      const exits = await inside.evaluate(async ({ start }) => {
        const commands = ['exit 0', 'exit 42', 'exit 143', 'exit 1']
        const started = await Promise.all(commands.map((text) => start({ command: ['sh', '-c', text] })))
        // The kernel does not let abort's SIGABRT end a PID 1, but then abort(3) ends by a fault.
        const aborting = await start({ command: ['node', '-e', 'process.abort()'] })
        return Promise.all([...started, aborting].map(({ container }) => container.exited))
      })
      expect(exits.slice(0, 4).map(({ exitCode, signal }) => [exitCode, signal])).toEqual([
        [0, null],
        [42, null],
        [143, null],
        [1, null],
      ])
      expect(exits[4]).toMatchObject({ exitCode: 139, signal: 'SIGSEGV' })
    })

    test('a signal to its whole process group stays in the container', async () => {
      const still = await inside.evaluate(async ({ start, sleep }) => {
        const { container, waitForLine } = await start({
          command: ['sh', '-c', 'trap "echo heard" TERM; kill -TERM 0; sleep 60'],
        })
        await waitForLine('heard')
        const hook = await container.exec(['sh', '-c', 'trap "" TERM; kill -TERM 0; echo fine'], {})
        return { hook, container: await Promise.race([container.exited, sleep(100, 'runs')]) }
      })
      expect(still).toEqual({ hook: { exitCode: 0, output: 'fine\n', timedOut: false }, container: 'runs' })
    })

    test('all processes end with PID 1, those of exec too', async () => {
      const result = await inside.evaluate(async ({ start, sleep }) => {
        const { container, waitForLine } = await start({
          command: ['sh', '-c', 'setsid sleep 4711 & echo up; sleep 60'],
        })
        await waitForLine('up')
        const hook = container.exec(['sh', '-c', 'sleep 60'], {})
        await sleep(100)
        container.signal('SIGKILL')
        const { exitCode } = await hook
        await container.exited
        const { readdirSync, readFileSync } = process.getBuiltinModule('node:fs')
        const all = readdirSync('/proc')
          .filter((name) => /^\d+$/.test(name))
          .map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1'))
        return {
          exitCode,
          left: all.filter((line) => line.includes('4711')),
          after: await container.exec(['true'], {}),
        }
      })
      expect(result).toMatchObject({ exitCode: 137, left: [], after: { exitCode: 126 } })
    })

    test('exec has PID 1’s files, user and environment', async () => {
      const result = await inside.evaluate(async ({ start }) => {
        const script = 'trap "echo asked; exit 0" USR1; echo x >/tmp/mine; while :; do sleep 0.05; done'
        const { container, lines } = await start({
          command: ['sh', '-c', script],
          env: [{ name: 'WHO', value: 'a "b"\nc' }],
        })
        const code = await container.exec(
          ['sh', '-c', 'echo "$WHO" $(id -u) $(cat /tmp/mine) $(pwd); echo err >&2; exit 5'],
          {},
        )
        const late = await container.exec(['sh', '-c', 'sleep 30 & echo began; sleep 30'], { timeoutMs: 200 })
        const missing = await container.exec(['nowhere'], {})
        const aborted = await container.exec(['sleep', '30'], { signal: AbortSignal.timeout(100) })
        const device = await container.exec(['sh', '-c', 'echo out >/dev/stdout; echo log >/proc/1/fd/1'], {})
        const { readdirSync, readFileSync } = process.getBuiltinModule('node:fs')
        const words = readdirSync('/proc').flatMap((name) => {
          try {
            return /^\d+$/.test(name) ? [readFileSync(`/proc/${name}/cmdline`, 'latin1')] : []
          } catch {
            return []
          }
        })
        await container.exec(['kill', '-USR1', '1'], {})
        await container.exited
        return { code, late, missing, aborted, device, words, lines: lines.map(({ text }) => text) }
      })
      expect(result.code).toEqual({ exitCode: 5, output: 'a "b"\nc 10001 x /app\nerr\n', timedOut: false })
      expect(result.late).toEqual({ exitCode: 137, output: 'began\n', timedOut: true })
      expect(result.missing).toMatchObject({
        exitCode: 127,
        output: expect.stringContaining('exec: "nowhere": executable file not found in $PATH'),
      })
      expect(result.aborted).toMatchObject({ exitCode: 137, timedOut: false })
      expect(result.device).toMatchObject({ exitCode: 0, output: 'out\n' })
      expect(result.lines).toEqual(['log', 'asked'])
      // Every user of the machine can read the arguments of every process, and those of unshare stay as long as the container.
      expect(result.words.filter((word) => word.includes('/tmp/mine')).length).toBeGreaterThan(1)
      expect(result.words.filter((word) => word.includes('a "b"'))).toEqual([])
    })

    test('a failed start has the messages of a container runtime', async () => {
      const reasons = await inside.evaluate(async ({ start }) => {
        const attempts = [
          { command: ['nowhere'] },
          { command: ['/nowhere'] },
          { command: ['/usr/bin'] },
          { command: ['/etc/passwd'] },
          { command: ['/app/none.sh'], workingDir: '/usr' },
          { image: 'docker.io/library/nginx:latest' },
          { image: 'nodrop/../base' },
          { image: 'nodrop/base:1.2' },
          { image: 'nodrop/base' },
          { image: 'localhost/nodrop/base:dev' },
        ]
        const failed = attempts.map((config) =>
          start(config).then(
            () => 'started',
            (error: Error & { reason: string }) => `${error.reason}: ${error.message}`,
          ),
        )
        return Promise.all(failed)
      })
      expect(reasons[0]).toMatch(
        /^StartError: failed to create containerd task: .* exec: "nowhere": executable file not found in \$PATH: unknown$/,
      )
      expect(reasons[1]).toMatch(/exec: "\/nowhere": stat \/nowhere: no such file or directory/)
      expect(reasons[2]).toMatch(/exec: "\/usr\/bin": is a directory/)
      expect(reasons[3]).toMatch(/exec: "\/etc\/passwd": permission denied/)
      expect(reasons[4]).toMatch(/no such file/)
      expect(reasons[5]).toMatch(
        /^ErrImagePull: .*failed to resolve reference "docker.io\/library\/nginx:latest": not found/,
      )
      expect(reasons[6]).toMatch(/^InvalidImageName: .*invalid reference format/)
      expect(reasons[7]).toMatch(/^ErrImagePull: .*"docker\.io\/nodrop\/base:1\.2": not found: .*nodrop\/<name>:dev/)
      expect(reasons[8]).toMatch(/^ErrImagePull: .*"docker\.io\/nodrop\/base:latest": not found/)
      expect(reasons[9]).toMatch(/^ErrImagePull: .*"localhost\/nodrop\/base:dev": not found/)
    })

    test('containers see no files of one another or of the machine', async () => {
      const result = await inside.evaluate(async ({ start, makePod }) => {
        const pod = await makePod('two')
        const look =
          'ls /tmp /run /home /usr/share/doc; ls -d /work /root/* /mnt 2>&1 | grep -c "No such"; ls /dev; id; touch /usr/mine /etc/mine 2>&1; cat /tmp/x 2>&1; sleep 60'
        const first = await start(
          { command: ['sh', '-c', 'echo secret >/tmp/x; echo >/dev/shm/x; echo wrote; sleep 60'] },
          pod,
        )
        await first.waitForLine('wrote')
        const second = await start({ command: ['sh', '-c', look] }, pod)
        await second.waitForLine('/tmp/x')
        const shm = await second.container.exec(['ls', '/dev/shm'], {})
        return { lines: second.lines.map(({ text }) => text), shm }
      })
      expect(result.lines).toContain('cat: /tmp/x: No such file or directory')
      expect(result.lines.join(' ')).toContain('fd full null ptmx pts random shm stderr stdin stdout tty urandom zero')
      expect(result.shm.output).toBe('')
    })

    test('volumes are shared in a pod, read-only where asked', async () => {
      const result = await inside.evaluate(async ({ start, makePod, stateDirectory }) => {
        const { mkdirSync, writeFileSync, chmodSync } = process.getBuiltinModule('node:fs')
        const volume = `${stateDirectory}/a volume`
        mkdirSync(volume)
        chmodSync(volume, 0o777)
        writeFileSync(`${volume}/given`, 'given\n')
        const pod = await makePod('volumes')
        const createMount = (containerPath: string, readOnly: boolean) => ({
          hostPath: volume,
          containerPath,
          readOnly,
        })
        const writer = await start(
          {
            command: ['sh', '-c', 'echo x >/data/deep/x; cat /data/deep/given; echo done'],
            mounts: [createMount('/data/deep', false)],
          },
          pod,
        )
        await writer.container.exited
        const reader = await start(
          {
            command: ['sh', '-c', 'ls /etc/nginx-like; cat /etc/nginx-like/x; echo y >/etc/nginx-like/x'],
            mounts: [createMount('/etc/nginx-like', true)],
          },
          pod,
        )
        await reader.container.exited
        return [...writer.lines, ...reader.lines].map(({ text }) => text)
      })
      expect(result.slice(0, 5)).toEqual(['given', 'done', 'given', 'x', 'x'])
      expect(result[5]).toMatch(/Read-only file system/)
    })

    test('lines arrive with their stream and time, whatever their bytes and length', async () => {
      const result = await inside.evaluate(async ({ start }) => {
        const script = `printf 'a\\377\\033[31m\\0b\\n' >/dev/stdout; echo err >/dev/stderr; head -c 40000 /dev/zero | tr '\\0' x; printf 'no newline'`
        const { container, lines } = await start({ command: ['sh', '-c', script] })
        const { atUs } = await container.exited
        return { lines, startedAtUs: container.startedAtUs, endedAtUs: atUs }
      })
      const out = result.lines.filter(({ stream }) => stream === 'stdout')
      expect(out[0]?.text).toBe('a\ufffd\u001b[31m\0b')
      expect(out.slice(1).map(({ text }) => text.length)).toEqual([
        16_384,
        16_384,
        40_000 - 2 * 16_384 + 'no newline'.length,
      ])
      expect(result.lines.filter(({ stream }) => stream === 'stderr').map(({ text }) => text)).toEqual(['err'])
      const times = result.lines.map(({ atUs }) => atUs)
      expect(Math.min(...times)).toBeGreaterThan(result.startedAtUs - 20_000)
      expect(Math.max(...times)).toBeLessThan(result.endedAtUs + 20_000)
    })

    test('ten thousand lines are read in order and none is lost', async () => {
      const texts = await inside.evaluate(async ({ start }) => {
        const { container, lines } = await start({ command: ['seq', '10000'] })
        await container.exited
        return lines.map(({ text }) => text)
      })
      expect(texts).toEqual(Array.from({ length: 10_000 }, (_, index) => String(index + 1)))
    })

    test('a pod takes its containers with it', async () => {
      const exit = await inside.evaluate(async ({ start, runtime }) => {
        const { sandbox, container } = await start({})
        await runtime.removeSandbox(sandbox)
        return container.exited
      })
      expect(exit).toMatchObject({ exitCode: 137, signal: 'SIGKILL' })
    })

    test('nothing of a removed pod stays behind', async () => {
      const [before, after] = await inside.evaluate(async ({ start, runtime, stateDirectory, sleep }) => {
        const { readdirSync, readFileSync } = process.getBuiltinModule('node:fs')
        const { execFileSync } = process.getBuiltinModule('node:child_process')
        const takeInventory = () => ({
          processes: readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length,
          namespaces: readdirSync('/run/netns').length,
          interfaces: execFileSync('ip', ['-brief', 'link']).toString().split('\n').length,
          mounts: readFileSync('/proc/self/mounts', 'utf8').split('\n').length,
          files: readdirSync(`${stateDirectory}/containers`).length,
          pipes: readdirSync(`${stateDirectory}/fifos`).length,
          descriptors: readdirSync('/proc/self/fd').length,
        })
        const runRound = async () => {
          const pods = await Promise.all(Array.from({ length: 6 }, () => start({})))
          await Promise.all(pods.map(({ container }) => container.exec(['true'], {})))
          await Promise.all(pods.map(({ sandbox }) => runtime.removeSandbox(sandbox)))
          await sleep(200)
        }
        await runRound()
        const before = takeInventory()
        await runRound()
        return [before, takeInventory()]
      })
      expect(after).toEqual(before)
    })
  })
})
