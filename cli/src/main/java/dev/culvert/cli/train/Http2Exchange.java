// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.train;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;

/**
 * HTTP/2 (RFC 9113), several requests at a time. What it sends fits the windows that a connection
 * begins with, and so do the answers of {@value #ROUNDS} rounds. Of a status it only sees whether
 * it is 200, which is one byte of HPACK; any other counts as 403.
 */
record Http2Exchange() implements Exchange {
  private static final int ROUNDS = 8;
  private static final int AT_A_TIME = 8;

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final int ACK = 1;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  /** {@code :status: 200} of HPACK's static table (RFC 7541, appendix A). */
  private static final int INDEXED_200 = 0x88;

  private static final int OK = 200;
  private static final int FORBIDDEN = 403;

  @Override
  public int with(Socket connection, String host) throws IOException {
    DataOutputStream out = new DataOutputStream(connection.getOutputStream());
    DataInputStream in = new DataInputStream(new BufferedInputStream(connection.getInputStream()));
    out.write(opening());
    int status = 0;
    for (int round = 0; round < ROUNDS; round++) {
      out.write(requests(round, host));
      status = answers(in, out);
    }
    return status;
  }

  private static byte[] opening() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
    frame(new DataOutputStream(bytes), SETTINGS, 0, 0, new byte[0]);
    return bytes.toByteArray();
  }

  /** Every second one has a body. */
  private static byte[] requests(int round, String host) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    for (int i = 0; i < AT_A_TIME; i++) {
      int stream = 2 * (round * AT_A_TIME + i) + 1;
      boolean body = i % 2 == 1;
      frame(out, HEADERS, END_HEADERS | (body ? 0 : END_STREAM), stream, head(body, host));
      if (body) {
        frame(out, DATA, END_STREAM, stream, "hello".getBytes(US_ASCII));
      }
    }
    return bytes.toByteArray();
  }

  /** Fields of HPACK's static table, then the path and the host without Huffman's code. */
  private static byte[] head(boolean post, String host) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    head.write(post ? 0x83 : 0x82);
    head.write(0x86);
    text(head, 0x44, "/train?q=2");
    text(head, 0x41, host);
    text(head, 0x7a, "train");
    return head.toByteArray();
  }

  private static void text(ByteArrayOutputStream head, int name, String value) throws IOException {
    head.write(name);
    head.write(value.length());
    head.write(value.getBytes(US_ASCII));
  }

  private static int answers(DataInputStream in, DataOutputStream out) throws IOException {
    int status = 0;
    int ended = 0;
    while (ended < AT_A_TIME) {
      int head = in.readInt();
      int type = head & 0xff;
      int flags = in.readUnsignedByte();
      in.readInt();
      byte[] payload = in.readNBytes(head >>> 8);
      if (type == SETTINGS && (flags & ACK) == 0) {
        frame(out, SETTINGS, ACK, 0, new byte[0]);
      } else if (type == GOAWAY) {
        throw new IOException("the other end gives the connection up");
      } else if (type == HEADERS) {
        status = (payload[0] & 0xff) == INDEXED_200 ? OK : FORBIDDEN;
      }
      ended += (type == HEADERS || type == DATA) && (flags & END_STREAM) != 0 ? 1 : 0;
    }
    return status;
  }

  private static void frame(DataOutputStream out, int type, int flags, int stream, byte[] payload)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream frame = new DataOutputStream(bytes);
    frame.writeInt(payload.length << 8 | type);
    frame.writeByte(flags);
    frame.writeInt(stream);
    frame.write(payload);
    out.write(bytes.toByteArray());
  }
}
