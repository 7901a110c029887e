// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import com.google.protobuf.ByteString;
import dev.culvert.waypoint.http.StreamFailure;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Usage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One request of our own and its gathered answer. On its event loop. */
final class Call implements Calls.Pending, StreamWaiter, BackendStream.Events {
  private final EventLoop loop;
  private final BackendPools pools;
  private final Target target;
  private final HttpRequest head;
  private final byte[] body;
  private final Calls.Bounds bounds;
  private final Consumer<CallAnswer> told;
  private final ByteArrayOutputStream gathered = new ByteArrayOutputStream(256);

  private @Nullable BackendStream stream;
  private @Nullable HttpResponse response;
  private @Nullable Future<?> timer;
  private Usage.Outcome outcome = Usage.Outcome.UNKNOWN;
  private boolean repeated;
  private boolean over;

  Call(
      EventLoop loop,
      BackendPools pools,
      Target target,
      HttpRequest head,
      byte[] body,
      Calls.Bounds bounds,
      Consumer<CallAnswer> told) {
    this.loop = loop;
    this.pools = pools;
    this.target = target;
    this.head = head;
    this.body = body;
    this.bounds = bounds;
    this.told = told;
  }

  void begin() {
    target.usage().began();
    timer = loop.schedule(this::tooLate, bounds.timeout().toNanos(), TimeUnit.NANOSECONDS);
    pools.take(target, this);
  }

  private void tooLate() {
    timer = null;
    breakOff("no answer of %s in %s".formatted(target.address(), bounds.timeout()));
  }

  private void breakOff(String problem) {
    if (!over) {
      outcome = Usage.Outcome.NO_ANSWER;
      cancel();
      told.accept(new CallAnswer.None(problem));
    }
  }

  @Override
  public void cancel() {
    if (!over) {
      finish();
      if (stream != null) {
        stream.reset();
      }
    }
  }

  @Override
  public boolean isOpen() {
    return !over;
  }

  private void finish() {
    over = true;
    target.usage().ended(outcome);
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  // === the pool's answer ===

  @Override
  public void ready(BackendStream opened) {
    stream = opened;
    HttpRequest copy =
        new DefaultHttpRequest(
            head.protocolVersion(), head.method(), head.uri(), head.headers().copy());
    opened.send(copy, body.length == 0, this);
    if (body.length > 0 && !over) {
      opened.write(Unpooled.wrappedBuffer(body));
      opened.end(EmptyHttpHeaders.INSTANCE);
    }
    opened.flush();
  }

  @Override
  public void refused(StreamFailure failure) {
    failed(failure);
  }

  @Override
  public boolean isGone() {
    return over;
  }

  // === the backend's events ===

  @Override
  public void response(HttpResponse answered) {
    if (answered.status().code() >= 200) {
      response = answered;
    }
  }

  @Override
  public void data(ByteBuf data) {
    int bytes = data.readableBytes();
    byte[] part = new byte[bytes];
    data.readBytes(part).release();
    if (over) {
      return;
    }
    stream.consumed(bytes);
    gathered.writeBytes(part);
    if (gathered.size() > bounds.most()) {
      breakOff("the answer of %s is longer than %d".formatted(target.address(), bounds.most()));
    }
  }

  @Override
  public void ended(HttpHeaders trailers) {
    if (!over) {
      outcome = Usage.Outcome.of(response.status().code());
      finish();
      told.accept(
          new CallAnswer.Whole(
              response.status().code(),
              response.headers(),
              ByteString.copyFrom(gathered.toByteArray()),
              trailers));
    }
  }

  @Override
  public void failed(StreamFailure failure) {
    if (over) {
      return;
    }
    boolean untouched = failure.untouched() || (stream != null && stream.isReused());
    if (untouched && response == null && !repeated) {
      repeated = true;
      stream = null;
      pools.take(target, this);
    } else {
      outcome = Usage.Outcome.NO_ANSWER;
      finish();
      told.accept(new CallAnswer.None("%s: %s".formatted(target.address(), failure.problem())));
    }
  }

  @Override
  public void dataComplete() {}

  @Override
  public void writable() {}
}
