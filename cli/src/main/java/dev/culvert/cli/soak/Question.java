// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One question for an A record (RFC 1035), over UDP, to a resolver that only the mesh can be. */
final class Question {
  private static final InetAddress RESOLVER = InetAddress.ofLiteral("198.18.0.253");
  private static final int PORT = 53;
  private static final int PATIENCE_MILLIS = 5_000;
  private static final int TRIES = 2;
  private static final int ANSWER = 1232;

  private Question() {}

  /**
   * Asks, and once more if nothing comes, as resolvers do.
   *
   * @throws WrongAnswerException when the answer does not end in the expected address
   */
  static void ask(String netns, String name, String expected, long id) throws IOException {
    byte[] query = query(name, (int) (id & 0xffff));
    try (DatagramSocket socket = InNamespace.make(netns, DatagramSocket::new)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      byte[] answer = ask(socket, query);
      byte[] address = InetAddress.ofLiteral(expected).getAddress();
      int end = answer.length;
      boolean right =
          end > query.length
              && answer[0] == query[0]
              && answer[1] == query[1]
              && Arrays.equals(Arrays.copyOfRange(answer, end - 4, end), address);
      if (!right) {
        throw new WrongAnswerException("%d bytes, not ending in %s".formatted(end, expected));
      }
    }
  }

  private static byte[] ask(DatagramSocket socket, byte[] query) throws IOException {
    DatagramPacket answer = new DatagramPacket(new byte[ANSWER], ANSWER);
    for (int left = TRIES; ; left--) {
      socket.send(new DatagramPacket(query, query.length, RESOLVER, PORT));
      try {
        socket.receive(answer);
        return Arrays.copyOf(answer.getData(), answer.getLength());
      } catch (SocketTimeoutException e) {
        if (left == 1) {
          throw new IOException("no answer to %d questions".formatted(TRIES), e);
        }
      }
    }
  }

  private static byte[] query(String name, int id) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) (id >> 8), (byte) id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    for (String label : name.split("\\.", -1)) {
      out.write(label.length());
      out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.writeBytes(new byte[] {0, 0, 1, 0, 1});
    return out.toByteArray();
  }
}
