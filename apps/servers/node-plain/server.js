const http = require('node:http')

const server = http.createServer((request, response) => {
  if (request.url === '/healthz') response.end('ok\n')
  else setTimeout(() => response.end('hello\n'), 20)
})
server.listen(3000)
