// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.site;

import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The servers that are measured through. */
public record Backend(Side side) {

  /** Starts nginx, which serves every lane of this side until the end. */
  public void start() throws IOException {
    String name = "backend-" + side.place().netns();
    Path directory = Files.createDirectories(side.lab().layout().directory().resolve(name));
    Path config = directory.resolve("nginx.conf");
    Files.writeString(config, config(directory));
    LabProcess nginx =
        side.start(name, List.of("nginx", "-e", directory + "/error.log", "-c", config.toString()));
    Listening.await(side.place(), nginx, Service.HTTP.port());
  }

  /** A bulk server for one run. */
  public LabProcess bulk() throws IOException {
    return oneRun("iperf3", List.of("iperf3", "-s", "-1"), Service.BULK);
  }

  /** A ping server for one run. */
  public LabProcess ping() throws IOException {
    String port = Integer.toString(Service.PING.port());
    return oneRun(
        "sockperf",
        List.of("sockperf", "sr", "--tcp", "-i", side.address(), "-p", port),
        Service.PING);
  }

  private LabProcess oneRun(String name, List<String> command, Service service) throws IOException {
    LabProcess process = side.start(name + "-" + side.place().netns(), command);
    Listening.await(side.place(), process, service.port());
    return process;
  }

  /**
   * Connections stay open as long as the client wants; both bodies come from memory. Spans are
   * taken and dropped.
   */
  private static String config(Path directory) {
    return """
    daemon off;
    worker_processes 1;
    worker_rlimit_nofile 65536;
    pid %1$s/nginx.pid;
    events { worker_connections 32768; multi_accept on; }
    http {
      access_log off;
      server_tokens off;
      keepalive_timeout 600s;
      keepalive_requests 1000000000;
      tcp_nodelay on;
      client_body_temp_path %1$s/body;
      proxy_temp_path %1$s/proxy;
      fastcgi_temp_path %1$s/fastcgi;
      uwsgi_temp_path %1$s/uwsgi;
      scgi_temp_path %1$s/scgi;
      server {
        listen %2$d backlog=16384;
        location = /64 { return 200 "%3$s"; }
        location = /1024 { return 200 "%4$s"; }
        location = /v1/traces { return 200; }
      }
    }
    """
        .formatted(directory, Service.HTTP.port(), "c".repeat(64), "c".repeat(1024));
  }
}
