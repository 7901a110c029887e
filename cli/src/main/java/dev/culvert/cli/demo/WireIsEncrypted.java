// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.LabApps;
import dev.culvert.cli.lab.LabProcess;
import dev.culvert.cli.wire.ServerHello;
import dev.culvert.cli.wire.TcpStream;
import dev.culvert.cli.wire.TlsStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What crosses the node link is TLS 1.3, and the payload is not in it. As a control, the same
 * search finds the payload of a connection that nobody captured.
 */
final class WireIsEncrypted implements Proof {
  private static final int HBONE = 15008;

  private final LabProcess recording;

  WireIsEncrypted(LabProcess recording) {
    this.recording = recording;
  }

  @Override
  public String claim() {
    return "What crosses the node link is TLS 1.3, and the payload is not readable in it";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    String secret = "secret-" + UUID.randomUUID();
    String control = "control-" + UUID.randomUUID();
    String plain = "http://%s:%d/".formatted(mesh.pod("plain").ip4(), LabApps.HTTP_PORT);
    Curl.Answer sent = mesh.curl("client", "-d", secret, "http://db/");
    Curl.Answer open = mesh.curl("outside", "-d", control, plain);
    List<TcpStream> streams = mesh.link().readUpTo(control, recording);
    Findings findings = new Findings();
    findings.saw(
        sent.body().contains(secret) && open.body().contains(control),
        "two requests with a secret: client -> db in the mesh, outside -> plain beside it");
    tls(findings, mesh, streams);
    findings.saw(
        !TcpStream.anyContains(streams, secret),
        "the mesh's secret in %d streams of the capture: %s"
            .formatted(streams.size(), found(streams, secret)));
    findings.saw(
        TcpStream.anyContains(streams, control),
        "the other's secret, by the same search: " + found(streams, control));
    return findings;
  }

  private static void tls(Findings findings, DemoMesh mesh, List<TcpStream> streams) {
    List<TlsStream> tunnels =
        streams.stream()
            .filter(s -> s.from().getPort() == HBONE || s.to().getPort() == HBONE)
            .map(TlsStream::of)
            .toList();
    List<ServerHello> hellos =
        tunnels.stream().map(TlsStream::serverHello).flatMap(Optional::stream).distinct().toList();
    findings.saw(
        !hellos.isEmpty()
            && hellos.stream().allMatch(hello -> hello.version() == ServerHello.TLS13)
            && tunnels.stream().allMatch(TlsStream::nothingElse),
        "port %d: %d streams, %d encrypted records, ServerHello says %s"
            .formatted(
                HBONE,
                tunnels.size(),
                tunnels.stream().mapToInt(TlsStream::encryptedRecords).sum(),
                hellos));
    long beside =
        streams.stream()
            .filter(s -> s.from().getPort() != HBONE && s.to().getPort() != HBONE)
            .filter(s -> isOf(mesh, s))
            .filter(s -> s.bytes().hasRemaining())
            .count();
    findings.saw(beside == 0, "streams of mesh pods outside the tunnel: " + beside);
  }

  private static boolean isOf(DemoMesh mesh, TcpStream stream) {
    List<String> pair = List.of(mesh.pod("client").ip4(), mesh.pod("db").ip4());
    return pair.contains(stream.from().getAddress().getHostAddress())
        && pair.contains(stream.to().getAddress().getHostAddress());
  }

  private static String found(List<TcpStream> streams, String text) {
    return TcpStream.anyContains(streams, text) ? "found" : "absent";
  }
}
