// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import static java.net.StandardProtocolFamily.INET;
import static java.net.StandardProtocolFamily.INET6;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.culvert.cli.lab.LabHttp;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.linux.socket.SocketOptions;
import dev.culvert.linux.socket.TcpConnection;
import dev.culvert.linux.socket.TcpDiagnosis;
import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.DnsServer;
import dev.culvert.tests.app.PodSockets;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A pod of the mesh and the sockets of its apps. Closing it deletes the pod. */
public final class MeshPod implements AutoCloseable {
  private final Mesh mesh;
  private final LabPod pod;
  private final PodSockets sockets;

  MeshPod(Mesh mesh, LabPod pod, PodSockets sockets) {
    this.mesh = mesh;
    this.pod = pod;
    this.sockets = sockets;
  }

  public String name() {
    return pod.name();
  }

  /** Its SPIFFE id. */
  public String identity() {
    return pod.spiffeId();
  }

  public InetAddress v4() {
    return InetAddress.ofLiteral(pod.ip4());
  }

  public InetAddress v6() {
    return InetAddress.ofLiteral(pod.ip6());
  }

  /** A port of its IPv4 address. */
  public InetSocketAddress at(int port) {
    return new InetSocketAddress(v4(), port);
  }

  /** The same as CONNECT and the access log have it. */
  public String hostPort(int port) {
    return v4().getHostAddress() + ":" + port;
  }

  /** Connects an app of this pod with a socket of the destination's own family. */
  public AppConnection connect(InetSocketAddress destination) throws IOException {
    boolean v6 = destination.getAddress() instanceof Inet6Address;
    return connect(v6 ? INET6 : INET, destination);
  }

  /** Connects an app of this pod. */
  public AppConnection connect(ProtocolFamily family, InetSocketAddress destination)
      throws IOException {
    return sockets.connect(family, destination);
  }

  /** Starts an app that listens on all addresses. */
  public AppServer serve(int port, AppServer.Service service) throws IOException {
    return sockets.serve(port, service);
  }

  /** Starts an app that listens on a port that others may have too, by SO_REUSEPORT. */
  public AppServer serveShared(int port, AppServer.Service service) throws IOException {
    return sockets.serveShared(port, service);
  }

  /** What its apps have open to there without a proxy in between, as the kernel has it. */
  public List<TcpConnection> direct(InetSocketAddress to) throws IOException {
    try (NetworkNamespace netns = NetworkNamespace.open(pod.netnsFile());
        TcpDiagnosis diagnosis = TcpDiagnosis.in(netns)) {
      return diagnosis.connections().stream()
          .filter(each -> each.mark() != SocketOptions.MARK && each.remote().equals(to))
          .toList();
    }
  }

  /** How many connections its node's proxy has open to there from within the pod. */
  public long tunnels(InetSocketAddress to) throws IOException {
    try (NetworkNamespace netns = NetworkNamespace.open(pod.netnsFile());
        TcpDiagnosis diagnosis = TcpDiagnosis.in(netns)) {
      return diagnosis.connections().stream()
          .filter(each -> each.mark() == SocketOptions.MARK && each.remote().equals(to))
          .count();
    }
  }

  public DatagramChannel udp(ProtocolFamily family) throws IOException {
    return sockets.udp(family);
  }

  /** Starts a resolver on all addresses, port 53. */
  public DnsServer resolve(DnsServer.Zone zone) throws IOException {
    DatagramChannel udp = sockets.udp(INET6);
    udp.bind(new InetSocketAddress(DnsServer.PORT));
    return DnsServer.start(udp, zone, service -> sockets.serve(DnsServer.PORT, service));
  }

  LabPod lab() {
    return pod;
  }

  void release() {
    sockets.close();
  }

  /** What the ztunnel of its node answers on a port outside of pods. */
  public String askZtunnel(int port, String path) throws IOException {
    return LabHttp.get(pod.node().place(), port, path).body();
  }

  /** The same in a coding of RFC 9110 8.4.1, as the bytes that came. */
  public InputStream askZtunnelFor(String coding, int port, String path) throws IOException {
    String request =
        "GET %s HTTP/1.0\r\nHost: localhost\r\nAccept-Encoding: %s\r\n\r\n".formatted(path, coding);
    InetSocketAddress admin = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try (SocketChannel channel = pod.node().place().call(() -> SocketChannel.open(admin));
        AppConnection connection = new AppConnection(channel)) {
      connection.send(request);
      byte[] answer = channel.socket().getInputStream().readAllBytes();
      String head = new String(answer, StandardCharsets.ISO_8859_1).split("\r\n\r\n", 2)[0];
      if (!head.toLowerCase(Locale.ROOT).contains("\r\ncontent-encoding: " + coding)) {
        throw new IOException("not in " + coding + ": " + head);
      }
      int body = head.length() + 4;
      return new ByteArrayInputStream(answer, body, answer.length - body);
    }
  }

  /** Waits until the ztunnel of its node knows a service; the mesh learns by and by. */
  public void awaitService(String hostname) throws InterruptedException {
    String field = "\"hostname\":\"%s\"".formatted(hostname);
    Await.until(
        "its ztunnel knows " + hostname,
        () -> askZtunnel(15000, "/config_dump").replace(" ", "").contains(field));
  }

  /** The same, to change something. */
  public String postZtunnel(int port, String path) throws IOException {
    return LabHttp.post(pod.node().place(), port, path).body();
  }

  /** Waits until its ztunnel would open tunnels to a pod, which until then is anybody's address. */
  public void awaitTunnelsTo(MeshPod other) throws InterruptedException {
    Await.until(
        "its ztunnel would open tunnels to " + other,
        () -> opensTunnelsTo(other, other.identity()));
  }

  /** Whether its ztunnel would open tunnels to a pod, as that identity. */
  public boolean opensTunnelsTo(MeshPod other, String identity) throws IOException {
    String account = identity.substring(identity.lastIndexOf('/') + 1);
    for (JsonElement one :
        JsonParser.parseString(askZtunnel(15000, "/config_dump"))
            .getAsJsonObject()
            .getAsJsonArray("workloads")) {
      JsonObject workload = one.getAsJsonObject();
      if (says(workload, "name", other.name())
          && says(workload, "serviceAccount", account)
          && says(workload, "protocol", "HBONE")) {
        return true;
      }
    }
    return false;
  }

  private static boolean says(JsonObject workload, String field, String value) {
    return new JsonPrimitive(value).equals(workload.get(field));
  }

  /** What the ztunnel of its node wrote. */
  public Path ztunnelLog() {
    return mesh.lab().layout().logs().resolve("ztunnel-%s.log".formatted(pod.node().name()));
  }

  @Override
  public void close() throws IOException {
    mesh.delete(this);
  }

  @Override
  public String toString() {
    return name();
  }
}
