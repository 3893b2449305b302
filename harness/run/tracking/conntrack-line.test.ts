import { expect, test } from 'vitest'
import { isListening, isOverrun, parseConntrackLine } from './conntrack-line.ts'

// Lines of conntrack v1.4.7 about an answered and a refused connection, both to 10.96.0.10, which the kernel sent to 10.244.2.3.
const captured = [
  'NOTICE: Netlink socket buffer size has been set to 8388608 bytes.',
  '[1795982441.604039]\t    [NEW] tcp      6 120 SYN_SENT src=10.244.0.5 dst=10.96.0.10 sport=58676 dport=80 [UNREPLIED] src=10.244.2.3 dst=10.244.0.5 sport=8080 dport=58676',
  '[1795982441.969766]\t    [NEW] tcp      6 120 SYN_SENT src=10.244.0.5 dst=10.96.0.10 sport=58678 dport=80 [UNREPLIED] src=10.244.2.3 dst=10.244.0.5 sport=8080 dport=58678',
  'conntrack v1.4.7 (conntrack-tools): 2 flow events have been shown.',
]

test('conntrack line: a new connection, answered or refused, and where it is led', () => {
  const led = { source: '10.244.0.5', to: '10.244.2.3:8080' }
  expect(captured.map(parseConntrackLine)).toEqual([
    null,
    { wallUs: 1_795_982_441_604_039, sourcePort: 58_676, ...led },
    { wallUs: 1_795_982_441_969_766, sourcePort: 58_678, ...led },
    null,
  ])
})

test('conntrack line: with an id behind it, and of the end of a connection', () => {
  const tuple =
    'src=10.244.0.5 dst=10.96.0.10 sport=58700 dport=80 [UNREPLIED] src=10.244.2.3 dst=10.244.0.5 sport=8080 dport=58700 id=136896778'
  expect(parseConntrackLine(`[1795982444.384860]\t    [NEW] tcp      6 120 SYN_SENT ${tuple}`)).toMatchObject({
    wallUs: 1_795_982_444_384_860,
    sourcePort: 58_700,
  })
  expect(parseConntrackLine(`[1795982444.384889]\t[DESTROY] tcp      6 120 CLOSE ${tuple}`)).toBeNull()
})

test('conntrack line: it says when it listens, and that events were lost', () => {
  expect(captured.map(isListening)).toEqual([true, false, false, false])
  expect(captured.some(isOverrun)).toBe(false)
  expect(isOverrun('WARNING: We have hit ENOBUFS! We are losing events.')).toBe(true)
})
