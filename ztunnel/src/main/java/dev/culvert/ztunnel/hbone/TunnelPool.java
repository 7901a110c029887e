// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.identity.WorkloadCertificates;
import dev.culvert.ztunnel.transport.PodSockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The tunnels of one event loop, shared by what goes the same way. Used on that loop only. */
public final class TunnelPool {
  /** How often a CONNECT is asked again that its tunnel's other side did not look at. */
  private static final int ATTEMPTS = 3;

  /** How a tunnel is made that is missing. */
  interface Dialer {
    void dial(TunnelKey key, ClientTunnel.Owner owner, TunnelDialer.Result result);
  }

  private final EventLoop loop;
  private final Dialer dialer;
  private final int stripes;
  private final Map<TunnelKey, Way> ways = new HashMap<>();

  /** Every tunnel that is open, also those that take no new streams. */
  private final Map<ClientTunnel, PodSockets> open = new HashMap<>();

  TunnelPool(EventLoop loop, WorkloadCertificates certificates, TunnelSettings settings) {
    this(
        loop,
        (key, owner, result) ->
            new TunnelDialer(loop, certificates, settings, key, owner, result).dial(),
        settings.stripes());
  }

  /**
   * @param stripes see {@link TunnelSettings}
   */
  TunnelPool(EventLoop loop, Dialer dialer, int stripes) {
    this.loop = loop;
    this.dialer = dialer;
    this.stripes = stripes;
  }

  /** Asks for a stream, in a tunnel that has room or in a new one. */
  public void open(TunnelKey key, ConnectRequest request, Opening opening) {
    assert loop.inEventLoop();
    ways.computeIfAbsent(key, Way::new).open(new Waiting(request, opening, ATTEMPTS));
  }

  /** Lets the tunnels of a pod end with their last streams; what comes later dialing anew. */
  void drain(PodSockets from) {
    open.forEach((tunnel, owner) -> loop.execute(() -> drainIfOf(tunnel, owner, from)));
  }

  private static void drainIfOf(ClientTunnel tunnel, PodSockets owner, PodSockets from) {
    if (owner == from) {
      tunnel.drain();
    }
  }

  /** Closes the tunnels of a pod; their streams break. */
  void close(PodSockets from) {
    for (ClientTunnel tunnel : List.copyOf(open.keySet())) {
      if (open.get(tunnel) == from) {
        tunnel.abort(new IOException("the source pod left the mesh"));
      }
    }
  }

  /** One CONNECT on its way to a tunnel. */
  private record Waiting(ConnectRequest request, Opening opening, int attempts) {}

  /** The tunnels of one key: one dial at a time, the others wait for its outcome. */
  private final class Way implements ClientTunnel.Owner, TunnelDialer.Result {
    private final TunnelKey key;
    private final List<ClientTunnel> tunnels = new ArrayList<>(1);
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int taken = Integer.MAX_VALUE;
    private boolean dialing;
    private boolean serving;

    /** A dial failed while there was a tunnel: what there is will do. */
    private boolean stripeFailed;

    Way(TunnelKey key) {
      this.key = key;
    }

    void open(Waiting one) {
      waiting.add(one);
      serve();
    }

    private void serve() {
      if (serving) {
        return;
      }
      serving = true;
      ClientTunnel tunnel = choose();
      while (!waiting.isEmpty() && tunnel != null) {
        Waiting next = waiting.poll();
        tunnel.open(next.request(), new Asked(next));
        tunnel = choose();
      }
      serving = false;
      dialOrForget();
    }

    private void dialOrForget() {
      if (!waiting.isEmpty() && !dialing) {
        dialing = true;
        dialer.dial(key, this, this);
      } else if (waiting.isEmpty() && !dialing && tunnels.isEmpty()) {
        ways.remove(key, this);
      }
    }

    /** One with room; of congested ones the emptiest, unless another tunnel may be dialled. */
    private ClientTunnel choose() {
      ClientTunnel congested = null;
      for (int i = 0; i < tunnels.size(); i++) {
        ClientTunnel tunnel = tunnels.get(i);
        if (tunnel.hasRoom(taken)) {
          if (!tunnel.isCongested()) {
            return tunnel;
          }
          congested =
              congested == null || tunnel.streamCount() < congested.streamCount()
                  ? tunnel
                  : congested;
        }
      }
      return tunnels.size() < stripes && !stripeFailed ? null : congested;
    }

    @Override
    public void connected(ClientTunnel tunnel) {
      dialing = false;
      stripeFailed = false;
      tunnels.add(tunnel);
      open.put(tunnel, key.from());
      tunnel.context().channel().closeFuture().addListener(closed -> open.remove(tunnel));
      serve();
    }

    @Override
    public void failed(TunnelException cause) {
      dialing = false;
      stripeFailed = !tunnels.isEmpty();
      if (choose() != null) {
        serve();
        return;
      }
      List<Waiting> all = List.copyOf(waiting);
      waiting.clear();
      dialOrForget();
      all.forEach(one -> one.opening().failed(cause));
    }

    @Override
    public void roomMade(ClientTunnel tunnel) {
      if (!waiting.isEmpty()) {
        serve();
      }
    }

    /** At least one, or nothing would ever be asked of a peer that changed its mind. */
    @Override
    public void told(int maxStreams) {
      taken = Math.max(1, maxStreams);
      if (!waiting.isEmpty()) {
        serve();
      }
    }

    @Override
    public void retired(ClientTunnel tunnel) {
      tunnels.remove(tunnel);
      stripeFailed = false;
      dialOrForget();
    }

    private final class Asked implements ClientTunnel.Answer {
      private final Waiting asked;

      Asked(Waiting asked) {
        this.asked = asked;
      }

      @Override
      public ByteBuf early() {
        return asked.opening().early();
      }

      @Override
      public void opened(HboneStream stream) {
        asked.opening().opened(stream);
      }

      @Override
      public void failed(TunnelException cause) {
        asked.opening().failed(cause);
      }

      @Override
      public void unprocessed(TunnelException cause) {
        if (asked.attempts() == 1) {
          asked.opening().failed(cause);
        } else {
          Waiting again = new Waiting(asked.request(), asked.opening(), asked.attempts() - 1);
          loop.execute(() -> TunnelPool.this.again(key, again));
        }
      }
    }
  }

  private void again(TunnelKey key, Waiting one) {
    ways.computeIfAbsent(key, Way::new).open(one);
  }
}
