// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.CommandResult;
import dev.culvert.cli.lab.LabClient;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabProcess;
import dev.culvert.cli.wire.TcpStream;
import dev.culvert.cli.wire.TlsStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The way of one connection, told by what was seen at each stage of it. */
final class Journey {
  private static final int HBONE = 15008;
  private static final int REQUESTS = 20;

  private final DemoMesh mesh;
  private final Screen screen;

  Journey(DemoMesh mesh, Screen screen) {
    this.mesh = mesh;
    this.screen = screen;
  }

  void tell() throws IOException {
    LabPod client = mesh.pod("client");
    LabPod db = mesh.pod("db");
    screen.stage(1, "name", name(client));
    AccessLog sender = new AccessLog(mesh.ztunnel(mesh.node1()));
    AccessLog receiver = new AccessLog(mesh.ztunnel(mesh.node2()));
    int sent = sender.size();
    int received = receiver.size();
    LabProcess app =
        LabClient.start(mesh.lab(), client, LabClient.Mode.HOLD, "db", DemoResources.ECHO);
    OpenLine open = OpenLine.parse(app.awaitLine("open ", Timing.SOON));
    app.awaitLine("echoed", Timing.SOON);
    screen.stage(2, "connect", "the app asks for %s and is told so".formatted(open.peer()));
    screen.stage(3, "redirect", "eBPF gave its socket to ztunnel: " + kernelView(app, open));
    screen.stage(4, "tunnel", tunnel(client, db));
    app.endInput();
    AccessLog.Connection out = sender.await(sent, "the connection", c -> is(c, open, "outbound"));
    AccessLog.Connection in =
        receiver.await(received, "the connection", c -> is(c, open, "inbound"));
    screen.stage(5, "identify", "%s is let in as %s".formatted(client, in.get("src.identity")));
    screen.stage(
        6,
        "deliver",
        "%s to %s, %s bytes there, %s back, %s"
            .formatted(
                out.get("src.addr").replaceFirst(":\\d+$", ""),
                in.get("dst.addr"),
                out.get("bytes_sent"),
                out.get("bytes_recv"),
                out.get("duration")));
    screen.stage(7, "balance", balance());
  }

  private static boolean is(AccessLog.Connection line, OpenLine open, String direction) {
    return line.has("src.addr", open.local()) && line.has("direction", direction);
  }

  private String name(LabPod client) throws IOException {
    CommandResult hosts = mesh.lab().run(client.place(), List.of("getent", "ahostsv4", "db"));
    String address = hosts.out().lines().findFirst().orElse("nothing").split(" ", 2)[0];
    return "db is %s, answered by the node's ztunnel in the resolver's name".formatted(address);
  }

  private static String kernelView(LabProcess app, OpenLine open) throws IOException {
    return TcpTable.of(app.pid())
        .fromLocalPort(open.localPort())
        .filter(entry -> entry.remote().getPort() == 15001)
        .map(entry -> "%s -> %s".formatted(entry.local(), entry.remote()).replace("/", ""))
        .findFirst()
        .orElse("not seen");
  }

  private String tunnel(LabPod client, LabPod db) throws IOException {
    return mesh.link().read().stream()
        .filter(stream -> isTunnel(stream, client, db))
        .map(TlsStream::of)
        .flatMap(tls -> tls.serverHello().stream())
        .findFirst()
        .map(hello -> "%s -> %s:%d in %s".formatted(client.ip4(), db.ip4(), HBONE, hello))
        .orElse("not seen on the node link");
  }

  private static boolean isTunnel(TcpStream stream, LabPod client, LabPod db) {
    return stream.from().getPort() == HBONE
        && stream.from().getAddress().getHostAddress().equals(db.ip4())
        && stream.to().getAddress().getHostAddress().equals(client.ip4());
  }

  private String balance() throws IOException {
    Map<String, Integer> answers = new TreeMap<>();
    for (int i = 0; i < REQUESTS; i++) {
      Curl.Answer answer = mesh.curl("client", "http://web/");
      answers.merge(answer.ok() ? answer.member("pod") : answer.failure(), 1, Integer::sum);
    }
    return "%d requests to web: %s".formatted(REQUESTS, answers);
  }
}
