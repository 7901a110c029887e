// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.faults;

/** What is wrong with an API server, or with this replica's right to write there. */
enum Fault {
  FORBIDDEN(true) {
    @Override
    void begin(Cluster cluster, String collection) {
      cluster.server().refuse(collection, 403);
    }
  },
  TOO_MANY_REQUESTS(true) {
    @Override
    void begin(Cluster cluster, String collection) {
      cluster.server().refuse(collection, 429);
    }
  },
  UNAVAILABLE(true) {
    @Override
    void begin(Cluster cluster, String collection) {
      cluster.server().refuse(collection, 503);
    }
  },
  WRITES_CONFLICT(true) {
    @Override
    void begin(Cluster cluster, String collection) {
      cluster.server().refuseWrites(collection, 409);
    }
  },
  SILENT(false) {
    @Override
    void begin(Cluster cluster, String collection) {
      cluster.server().hold();
    }

    @Override
    void end(Cluster cluster, String collection) {
      cluster.server().release();
    }
  },
  ABSENT(false) {
    @Override
    void begin(Cluster cluster, String collection) {
      cluster.server().stop();
    }

    @Override
    void end(Cluster cluster, String collection) throws Exception {
      cluster.server().start();
    }
  },
  LEASE_LOST(false) {
    @Override
    void begin(Cluster cluster, String collection) {
      cluster.lead(false);
    }

    @Override
    void end(Cluster cluster, String collection) {
      cluster.lead(true);
    }
  };

  private final boolean heard;

  /**
   * @param heard whether the server hears of what is asked meanwhile
   */
  Fault(boolean heard) {
    this.heard = heard;
  }

  abstract void begin(Cluster cluster, String collection);

  /** The fault is over; by default the collection is served again. */
  void end(Cluster cluster, String collection) throws Exception {
    cluster.server().accept(collection);
  }

  /** Whether nothing can be done meanwhile: a round that began as leader may end. */
  boolean isCertain() {
    return this != LEASE_LOST;
  }

  boolean isHeard() {
    return heard;
  }
}
