// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import dev.culvert.tests.app.AppConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Hands the bytes of a stream to a connection, and those of the connection to the stream. */
final class Forward implements HboneServer.Exchange {
  private static final int ROOM = 16 * 1024;

  private final AppConnection connection;
  private final HboneServer.Back back;

  Forward(AppConnection connection, HboneServer.Back back) {
    this.connection = connection;
    this.back = back;
    Thread.ofVirtual().name("back").start(this::carryBack);
  }

  private void carryBack() {
    byte[] room = new byte[ROOM];
    try {
      int count = connection.read(ByteBuffer.wrap(room));
      while (count >= 0) {
        back.send(Arrays.copyOf(room, count));
        count = connection.read(ByteBuffer.wrap(room));
      }
      back.end();
    } catch (IOException _) {
      // the client is told by the end of the whole connection
    }
  }

  @Override
  public void data(byte[] bytes) throws IOException {
    connection.send(ByteBuffer.wrap(bytes));
  }

  @Override
  public void end() throws IOException {
    connection.finish();
  }

  @Override
  public void broken() throws IOException {
    connection.close();
  }
}
