import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { privileges, startIsolatedProcess } from '../testing/isolated-process.ts'
import type { IsolatedProcess } from '../testing/isolated-process.ts'

describe.each(privileges)('what containers are kept from, by $privilege', ({ privilege, available }) => {
  let inside: IsolatedProcess
  beforeAll(async () => {
    if (available) inside = await startIsolatedProcess({ privilege })
  })
  afterAll(() => inside?.[Symbol.asyncDispose]())

  /** The output of a script run as a container's root, line by line. */
  const runAsRoot = (script: string, more: object = {}): Promise<string[]> =>
    inside.evaluate(
      async ({ start }, [text, config]) => {
        const { container, lines } = await start({
          command: ['sh', '-c', text],
          runAsUser: 0,
          runAsGroup: 0,
          ...config,
        })
        await container.exited
        return lines.map((line) => line.text)
      },
      [script, more] as const,
    )

  describe.skipIf(!available)('on this machine', () => {
    test('root sees none of the machine’s own files', async () => {
      const lines = await runAsRoot(`
        for path in /etc/shadow /etc/gshadow /etc/ssl/private /etc/machine-id /var/lib/dpkg/status /var/lib/docker; do
          if [ -e $path ]; then echo "there is $path"; fi
        done
        ls -A /root /home /opt /srv /tmp /var/log/apt | grep -v '^/' | grep -v '^$'
        cut -d: -f3 /etc/passwd | while read -r id; do [ "$id" -lt 1000 ] || echo "user $id"; done
        cat /proc/kcore /proc/keys 2>/dev/null | head -c 100
        find / -xdev -maxdepth 1 -name 'work*'
        ls -A /sys/firmware 2>/dev/null
        echo end`)
      expect(lines).toEqual(['user 65534', 'end'])
    })

    test('root gets no device, mount, namespace or kernel setting', async () => {
      const lines = await runAsRoot(`
        cd /var/tmp && mknod memory c 1 1 2>/dev/null
        head -c 1 memory >/dev/null 2>&1 || echo no memory
        cd /dev/shm && mknod memory c 1 1 2>/dev/null
        head -c 1 memory >/dev/null 2>&1 || echo no memory by /dev/shm
        mount -t tmpfs none /mnt 2>/dev/null || echo no mount
        unshare --user true 2>/dev/null || echo no user namespace
        unshare --mount true 2>/dev/null || echo no mount namespace
        nsenter --target 1 --mount true 2>/dev/null || echo no other namespace
        echo x 2>/dev/null >/proc/sys/kernel/core_pattern || echo no core pattern
        echo x 2>/dev/null >/proc/sysrq-trigger || echo no trigger
        grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status
        ls /dev`)
      expect(lines).toEqual([
        'no memory',
        'no memory by /dev/shm',
        'no mount',
        'no user namespace',
        'no mount namespace',
        'no other namespace',
        'no core pattern',
        'no trigger',
        'NoNewPrivs:\t1',
        'Seccomp:\t2',
        ...'fd full null ptmx pts random shm stderr stdin stdout tty urandom zero'.split(' '),
      ])
    })

    test('what is executed beside it is kept from the same', async () => {
      const output = await inside.evaluate(async ({ start }) => {
        const { container } = await start({ command: ['sleep', '60'], runAsUser: 0, capabilities: { drop: ['ALL'] } })
        const script = 'grep -E "^(CapEff|Seccomp):" /proc/self/status; unshare --user true 2>/dev/null || echo no'
        const { output } = await container.exec(['sh', '-c', script], {})
        container.signal('SIGKILL')
        return output
      })
      expect(output).toBe('CapEff:\t0000000000000000\nSeccomp:\t2\nno\n')
    })

    test('shared memory has 64 MiB, and System V queues are the container’s own', async () => {
      const lines = await runAsRoot(`df -k --output=size /dev/shm | tail -n 1; readlink /proc/self/ns/ipc`)
      expect(lines[0]?.trim()).toBe('65536')
      const own = await inside.evaluate(() =>
        Promise.resolve(process.getBuiltinModule('node:fs').readlinkSync('/proc/self/ns/ipc')),
      )
      expect(lines[1]).not.toBe(own)
    })

    test('capabilities are taken and given', async () => {
      const effective = 'grep CapEff /proc/self/status'
      expect(await runAsRoot(effective, { capabilities: { drop: ['ALL'] } })).toEqual(['CapEff:\t0000000000000000'])
      const some = { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE', 'NET_ADMIN'] } }
      expect(await runAsRoot(effective, some)).toEqual(['CapEff:\t0000000000001400'])
      expect(await runAsRoot(effective, { ...some, runAsGroup: 7 })).toEqual(['CapEff:\t0000000000001400'])
      expect(await runAsRoot(effective, { ...some, runAsUser: 7 })).toEqual(['CapEff:\t0000000000000000'])
    })

    test('a read-only root leaves volumes and shared memory writable', async () => {
      const lines = await inside.evaluate(async ({ start, stateDirectory }) => {
        const { mkdirSync } = process.getBuiltinModule('node:fs')
        const volume = `${stateDirectory}/volume`
        mkdirSync(volume, { recursive: true })
        const script = `pwd
          for directory in / /app /tmp /run /usr /etc /var/log /home /root /dev; do
            if touch $directory/x 2>/dev/null; then echo "can write $directory"; fi
          done
          for directory in /data /dev/shm; do touch $directory/x && echo "$directory is writable"; done`
        const { container, lines } = await start({
          command: ['sh', '-c', script],
          readOnlyRoot: true,
          workingDir: '/made/for/it',
          runAsUser: 0,
          mounts: [{ hostPath: volume, containerPath: '/data', readOnly: false }],
        })
        await container.exited
        return lines.map(({ text }) => text)
      })
      expect(lines).toEqual(['/made/for/it', '/data is writable', '/dev/shm is writable'])
    })

    test.skipIf(privilege !== 'root')('a process has the groups that it is given', async () => {
      const id = 'id -u; id -g; id -G'
      expect(await runAsRoot(id, { runAsUser: 1000, runAsGroup: 3000, groups: [4000, 2000] })).toEqual([
        '1000',
        '3000',
        '3000 2000 4000',
      ])
      expect(await runAsRoot(id, { runAsUser: 1000 })).toEqual(['1000', '0', '0'])
    })

    test('a sandbox has its host name, further hosts and settings of its network', async () => {
      const lines = await inside.evaluate(async ({ start, runtime }) => {
        const sandbox = await runtime.createSandbox({
          uid: 'hosts',
          name: 'pod-with-hosts',
          namespace: 'default',
          node: 0,
          hostname: 'web',
          fullName: 'web.sub.default.svc.cluster.local',
          hosts: [{ ip: '192.0.2.7', names: ['foo.local', 'bar.local'] }],
          sysctls: [{ name: 'net.ipv4.ip_local_port_range', value: '20000 20010' }],
        })
        const script =
          'hostname; echo $HOSTNAME; cat /etc/hostname; tail -n 2 /etc/hosts; cat /proc/sys/net/ipv4/ip_local_port_range'
        const { container, lines } = await start({ command: ['sh', '-c', script] }, sandbox)
        await container.exited
        return [sandbox.ip, ...lines.map(({ text }) => text)]
      })
      expect(lines.slice(1)).toEqual([
        'web',
        'web',
        'web',
        `${lines[0]}\tweb.sub.default.svc.cluster.local\tweb`,
        '192.0.2.7\tfoo.local\tbar.local',
        '20000\t20010',
      ])
    })

    test('a volume with a limit is full at it, and gone when it is removed', async () => {
      const result = await inside.evaluate(async ({ start, runtime, stateDirectory }) => {
        const { mkdirSync, chmodSync, readFileSync } = process.getBuiltinModule('node:fs')
        const volume = `${stateDirectory}/limited volume`
        mkdirSync(volume)
        await runtime.limitVolume(volume, 1_048_576)
        chmodSync(volume, 0o777)
        const script = 'head -c 1000000 /dev/zero >/data/x && echo fits; head -c 100000 /dev/zero 2>&1 >/data/y'
        const mounts = [{ hostPath: volume, containerPath: '/data', readOnly: false }]
        const { container, lines } = await start({ command: ['sh', '-c', script], mounts })
        await container.exited
        await runtime.removeVolume(volume)
        const isMounted = readFileSync('/proc/self/mounts', 'utf8').includes('limited')
        return { lines: lines.map(({ text }) => text), isMounted }
      })
      expect(result).toEqual({
        lines: ['fits', expect.stringContaining('No space left on device')],
        isMounted: false,
      })
    })
  })
})
