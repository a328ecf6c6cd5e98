# shellcheck shell=bash
# A port for a stack; to be sourced.

# Below those that the system hands out (from 32768 on): while a suite changes its web server nobody else who asks for any
# port, or connects to one, is given this one.
free_port() {
  node -e 'const net = require("node:net");
    (function take() {
      const port = 20000 + Math.floor(Math.random() * 12000);
      const server = net.createServer().once("error", take).listen(port, "127.0.0.1", () => {
        console.log(port);
        server.close();
      });
    })();'
}
