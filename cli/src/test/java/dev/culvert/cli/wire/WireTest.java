// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireTest {
  /** RFC 8448, section 3: the server's first message of a simple 1-RTT handshake. */
  private static final String SERVER_HELLO =
      """
      0200005603 03a6af06a4121860 dc5e6e60249cd34c 95930c8ac5cb1434 dac155772ed3e269 2800130100
      002e003300 24001d0020c98288 76112095fe66762b dbf7c672e156d6cc 253b833df1dd69b1 b04e751f0f
      002b00020304
      """
          .replaceAll("\\s", "");

  private static final int SYN = 2;

  @Test
  void serverHelloOfTls13() {
    TlsStream tls = TlsStream.of(stream(record(22, SERVER_HELLO) + record(23, "00".repeat(40))));
    assertThat(tls.serverHello()).contains(new ServerHello(0x0304, 0x1301, 0x001d));
    assertThat(tls.serverHello().orElseThrow())
        .hasToString("TLS 1.3, TLS_AES_128_GCM_SHA256, X25519");
    assertThat(tls.encryptedRecords()).isEqualTo(1);
    assertThat(tls.encryptedBytes()).isEqualTo(40);
    assertThat(tls.nothingElse()).isTrue();
  }

  @Test
  void serverHelloWithoutSupportedVersionsIsTls12() {
    String hello = SERVER_HELLO.replace("002e0033", "00280033").replace("002b00020304", "");
    assertThat(TlsStream.of(stream(record(22, hello))).serverHello())
        .contains(new ServerHello(0x0303, 0x1301, 0x001d));
  }

  @Test
  void serverHelloCutShort() {
    String half = SERVER_HELLO.substring(0, 60);
    assertThat(TlsStream.of(stream(record(22, half))).serverHello()).isEmpty();
  }

  @Test
  void plaintextIsNoTls() {
    TcpStream http = stream(hex("GET / HTTP/1.1\r\n\r\n"));
    assertThat(TlsStream.of(http).nothingElse()).isFalse();
    assertThat(http.contains("HTTP/1.1")).isTrue();
    assertThat(http.contains("HTTP/2")).isFalse();
  }

  @Test
  void plaintextAfterTlsIsSeen() {
    TcpStream mixed = stream(record(23, "0000") + hex("secret"));
    assertThat(TlsStream.of(mixed).nothingElse()).isFalse();
  }

  @Test
  void segmentsOutOfOrderTwiceAndOverlapping() throws IOException {
    Pcap pcap =
        Pcap.parse(
            capture(
                ipv4(-2, SYN, ""),
                ipv4(-1 + 4, 0, "efgh"),
                ipv4(-1, 0, "abcd"),
                ipv4(-1, 0, "abcd"),
                ipv4(-1 + 2, 0, "cdef")),
            "test");
    List<TcpStream> streams = TcpStream.of(pcap);
    assertThat(streams).hasSize(1);
    assertThat(text(streams.getFirst())).isEqualTo("abcdefgh");
    assertThat(streams.getFirst().fromTheStart()).isTrue();
    assertThat(TcpStream.anyContains(streams, "defg")).isTrue();
  }

  @Test
  void bytesEndWhereTheCaptureMissedOne() throws IOException {
    Pcap pcap = Pcap.parse(capture(ipv4(10, 0, "abcd"), ipv4(16, 0, "ghij")), "test");
    TcpStream stream = TcpStream.of(pcap).getFirst();
    assertThat(text(stream)).isEqualTo("abcd");
    assertThat(stream.fromTheStart()).isFalse();
  }

  @Test
  void ipv6Addresses() throws IOException {
    TcpStream stream = TcpStream.of(Pcap.parse(capture(ipv6("hello")), "test")).getFirst();
    assertThat(stream.from().getAddress().getHostAddress()).isEqualTo("fd00:c01:1:0:0:0:0:a");
    assertThat(stream.to().getPort()).isEqualTo(15008);
    assertThat(text(stream)).isEqualTo("hello");
  }

  @Test
  void frameCutShortByACrashIsLeftOut() throws IOException {
    ByteBuffer whole = capture(ipv4(10, 0, "abcd"), ipv4(14, 0, "efgh"));
    Pcap pcap = Pcap.parse(whole.slice(0, whole.limit() - 3), "test");
    assertThat(pcap.frames()).hasSize(1);
  }

  @Test
  void framesThatAreNoTcpAreLeftOut() throws IOException {
    ByteBuffer udp = ipv4(10, 0, "abcd");
    udp.put(14 + 9, (byte) 17);
    ByteBuffer arp = ipv4(10, 0, "abcd");
    arp.putShort(12, (short) 0x0806);
    ByteBuffer fragment = ipv4(10, 0, "abcd");
    fragment.putShort(14 + 6, (short) 5);
    assertThat(TcpStream.of(Pcap.parse(capture(udp, arp, fragment), "test"))).isEmpty();
  }

  @Test
  void otherFilesAreRefused() {
    assertThatThrownBy(() -> Pcap.parse(ByteBuffer.allocate(24), "a.pcap"))
        .hasMessage("a.pcap: is no capture file of the classic format");
    assertThatThrownBy(() -> Pcap.parse(ByteBuffer.allocate(3), "a.pcap"))
        .hasMessage("a.pcap: too short for a capture file");
  }

  private static TcpStream stream(String hex) {
    return new TcpStream(null, null, true, ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
  }

  private static String record(int type, String hex) {
    return "%02x0303%04x%s".formatted(type, hex.length() / 2, hex);
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(TcpStream stream) {
    return StandardCharsets.UTF_8.decode(stream.bytes().duplicate()).toString();
  }

  private static ByteBuffer capture(ByteBuffer... frames) {
    ByteBuffer file = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4);
    file.putInt(0).putInt(0).putInt(262144).putInt(1);
    for (ByteBuffer frame : frames) {
      file.putInt(0).putInt(0).putInt(frame.limit()).putInt(frame.limit()).put(frame.duplicate());
    }
    return file.flip();
  }

  private static ByteBuffer ipv4(int sequence, int flags, String payload) {
    ByteBuffer frame = ByteBuffer.allocate(14 + 20 + 20 + payload.length());
    frame.putShort(12, (short) 0x0800);
    frame.put(14, (byte) 0x45).putShort(16, (short) (40 + payload.length())).put(23, (byte) 6);
    frame.put(26, HexFormat.of().parseHex("c612010ac612020a"));
    tcp(frame, 34, sequence, flags, payload);
    return frame;
  }

  private static ByteBuffer ipv6(String payload) {
    ByteBuffer frame = ByteBuffer.allocate(14 + 40 + 20 + payload.length());
    frame.putShort(12, (short) 0x86dd);
    frame.put(14, (byte) 0x60).putShort(18, (short) (20 + payload.length())).put(20, (byte) 6);
    frame.put(22, HexFormat.of().parseHex("fd000c0100010000000000000000000a"));
    frame.put(38, HexFormat.of().parseHex("fd000c0100020000000000000000000a"));
    tcp(frame, 54, 1, 0, payload);
    return frame;
  }

  private static void tcp(ByteBuffer frame, int at, int sequence, int flags, String payload) {
    frame.putShort(at, (short) 40000).putShort(at + 2, (short) 15008).putInt(at + 4, sequence);
    frame.put(at + 12, (byte) 0x50).put(at + 13, (byte) flags);
    frame.put(at + 20, payload.getBytes(StandardCharsets.UTF_8));
  }
}
