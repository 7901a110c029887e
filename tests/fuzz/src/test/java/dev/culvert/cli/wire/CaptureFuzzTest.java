// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.culvert.fuzz.Allocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** What the wire showed, from anybody. */
class CaptureFuzzTest {

  @FuzzTest
  void capture(byte[] input) {
    try {
      List<TcpStream> streams =
          Allocation.bounded(
              input, () -> TcpStream.of(Pcap.parse(ByteBuffer.wrap(input), "fuzzed")));
      long bytes = 0;
      for (TcpStream stream : streams) {
        bytes += stream.bytes().remaining();
        TlsStream tls = TlsStream.of(stream);
        assertThat(tls.encryptedRecords()).isLessThanOrEqualTo(stream.bytes().remaining());
      }
      assertThat(bytes).isLessThanOrEqualTo(input.length);
    } catch (IOException e) {
      assertThat(e.getMessage()).startsWith("fuzzed: ");
    }
  }

  @FuzzTest
  void serverHello(byte[] message) {
    Optional<ServerHello> hello = ServerHello.of(ByteBuffer.wrap(message));
    assertThat(hello.map(ServerHello::toString).orElse("")).doesNotContain("null");
  }
}
