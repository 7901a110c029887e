// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import dev.culvert.waypoint.accept.ClientStream;
import dev.culvert.waypoint.http.HttpStream;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * A body that waits for a phase. Its bound is the client's window; for a phase that needs to see
 * it, the window is given back up to that phase's own bound, and is not given back again when the
 * bytes go on. On its event loop.
 */
final class HeldBody {
  private final ClientStream client;
  private final WaitingBody waiting = new WaitingBody();
  private @Nullable Runnable gathered;
  private int wanted;
  private int given;
  private boolean ended;

  HeldBody(ClientStream client) {
    this.client = client;
  }

  void add(ByteBuf data) {
    int bytes = data.readableBytes();
    waiting.add(data);
    if (gathered != null) {
      giveBack(bytes);
      tellIfGathered();
    }
  }

  void end(HttpHeaders last) {
    ended = true;
    waiting.end(last);
    tellIfGathered();
  }

  private void giveBack(int bytes) {
    given += bytes;
    client.consumed(bytes);
  }

  private void tellIfGathered() {
    Runnable told = gathered;
    if (told != null && (ended || waiting.bytes() > wanted)) {
      gathered = null;
      told.run();
    }
  }

  /** Calls when the body is whole, or longer than this; perhaps at once. */
  void gather(int most, Runnable then) {
    wanted = most;
    gathered = then;
    giveBack(waiting.bytes() - given);
    tellIfGathered();
  }

  boolean isWhole() {
    return ended;
  }

  byte[] copy(int most) {
    return waiting.copy(most);
  }

  /** So many bytes went on; returns how many of them the client is to hear of now. */
  int consumed(int bytes) {
    int known = Math.min(given, bytes);
    given -= known;
    return bytes - known;
  }

  void pour(HttpStream.Events taker) {
    waiting.pour(taker);
  }

  void release() {
    gathered = null;
    waiting.release();
  }
}
