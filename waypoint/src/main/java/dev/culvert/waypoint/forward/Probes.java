// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import dev.culvert.policy.traffic.HealthCheck;
import dev.culvert.waypoint.balance.Prober;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Target;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** Asks endpoints whether they are well, over connections of its own. */
public final class Probes implements Prober {
  private static final int MOST_ANSWER = 64 * 1024;
  private static final String CHECK = "/grpc.health.v1.Health/Check";
  private static final int SERVICE = 1;
  private static final int STATUS = 1;
  private static final int SERVING = 1;

  private final EventLoopGroup workers;
  private final Calls calls;
  private final Dialer dialer;

  public Probes(EventLoopGroup workers, Calls calls, Dialer dialer) {
    this.workers = workers;
    this.calls = calls;
    this.dialer = dialer;
  }

  @Override
  public EventLoop loop() {
    return workers.next();
  }

  @Override
  public void ask(
      EventLoop loop,
      HealthCheck.Probe probe,
      Target target,
      String host,
      Duration timeout,
      Consumer<Optional<String>> told) {
    switch (probe) {
      case HealthCheck.Http http -> {
        HttpRequest head = get(http, host);
        send(loop, target, head, new byte[0], timeout, answer -> told.accept(judge(http, answer)));
      }
      case HealthCheck.Grpc grpc ->
          send(
              loop,
              target.in(Protocol.HTTP2),
              GrpcFraming.head(CHECK, host, timeout),
              GrpcFraming.body(request(grpc.service())),
              timeout,
              answer -> told.accept(judge(answer)));
      case HealthCheck.Tcp _ -> new Connecting(loop, target, told).begin(timeout);
    }
  }

  private void send(
      EventLoop loop,
      Target target,
      HttpRequest head,
      byte[] body,
      Duration timeout,
      Consumer<CallAnswer> told) {
    var _ = calls.send(loop, target, head, body, new Calls.Bounds(timeout, MOST_ANSWER), told);
  }

  private static HttpRequest get(HealthCheck.Http http, String host) {
    HttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, http.path());
    head.headers()
        .set(HttpHeaderNames.HOST, http.host().orElse(host))
        .set(HttpHeaderNames.USER_AGENT, "culvert-health-check");
    return head;
  }

  private static Optional<String> judge(HealthCheck.Http http, CallAnswer answer) {
    return switch (answer) {
      case CallAnswer.None(String problem) -> Optional.of(problem);
      case CallAnswer.Whole whole ->
          http.statuses().contains(whole.status())
              ? Optional.empty()
              : Optional.of("%s answers %d".formatted(http.path(), whole.status()));
    };
  }

  /** HealthCheckRequest, which has one field. */
  private static byte[] request(String service) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream message = CodedOutputStream.newInstance(bytes);
      message.writeString(SERVICE, service);
      message.flush();
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static Optional<String> judge(CallAnswer answer) {
    try {
      return switch (answer) {
        case CallAnswer.None(String problem) -> Optional.of(problem);
        case CallAnswer.Whole whole -> {
          int status = status(GrpcFraming.message(whole));
          yield status == SERVING
              ? Optional.empty()
              : Optional.of("its health service answers status " + status);
        }
      };
    } catch (IllegalArgumentException | IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Of a HealthCheckResponse, which has one field. */
  private static int status(ByteBuffer message) throws IOException {
    CodedInputStream fields = CodedInputStream.newInstance(message);
    int status = 0;
    for (int tag = fields.readTag(); tag != 0; tag = fields.readTag()) {
      if (tag >>> 3 == STATUS) {
        status = fields.readEnum();
      } else {
        fields.skipField(tag);
      }
    }
    return status;
  }

  /** A connection that is closed as soon as it is there. */
  private final class Connecting {
    private final EventLoop loop;
    private final Target target;
    private final Consumer<Optional<String>> told;
    private boolean over;

    Connecting(EventLoop loop, Target target, Consumer<Optional<String>> told) {
      this.loop = loop;
      this.target = target;
      this.told = told;
    }

    void begin(Duration timeout) {
      var timer =
          loop.schedule(
              () -> end(Optional.of("no connection in " + timeout)),
              timeout.toNanos(),
              java.util.concurrent.TimeUnit.NANOSECONDS);
      dialer
          .dial(loop, target, new ChannelInboundHandlerAdapter())
          .addListener(
              done -> {
                timer.cancel(false);
                if (done.isSuccess()) {
                  var _ = ((io.netty.channel.Channel) done.getNow()).close();
                }
                end(
                    done.isSuccess()
                        ? Optional.empty()
                        : Optional.of("no connection: " + done.cause().getMessage()));
              });
    }

    private void end(Optional<String> problem) {
      if (!over) {
        over = true;
        told.accept(problem);
      }
    }
  }
}
