"""Any row of the port, for tests that draw them: few ids, so that rows meet."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from store_rows import (
    ANN,
    BOB,
    BOX,
    ME,
    NOON,
    RINGTONE,
    SECOND,
    catalogue_change,
    cell,
    delivery,
    done,
    intended,
    offer,
    order,
    product,
    relation,
    request,
    started,
    user_change,
)

from gateway.domain.catalogue import Status
from gateway.domain.catalogue_change import CatalogueObject, DeliveryState, ObjectKind
from gateway.domain.facts import (
    CellWritten,
    ItemsFreed,
    MasterKept,
    OrderAccepted,
    OrderConfirmed,
    OrderEnded,
    RelationChanged,
    RelationEnded,
    RelationsMoved,
    RelationStarted,
    SubscriberKept,
)
from gateway.domain.order import OrderState
from gateway.domain.subscriber import PayType, RelationState, Subscriber
from gateway.engine.ports import (
    ArchiveForgotten,
    AuditKept,
    CatalogueLoaded,
    Holding,
    LeaseKept,
    LeaseLeft,
    LeaseTaken,
    MasterUnchanged,
    NothingOpen,
    ObjectSynced,
    OrdersUnchanged,
    PartnerChanged,
    RelationsUnchanged,
    RequestsForgotten,
    RunArchived,
    RunEnded,
    RunResumed,
    RunState,
    RunTaken,
    RunWaiting,
    SignalArrived,
    SubscribersLoaded,
    TokensForgotten,
    TokenUsed,
    UserUnchanged,
)
from gateway.steps import Reply

runs = st.sampled_from(["o1", "o2", "o3"])
names = st.sampled_from(["accept", "activate"])
products = st.sampled_from([RINGTONE, BOX])
numbers = st.sampled_from([ANN, BOB])
objects = st.builds(
    CatalogueObject,
    st.builds(product, products, version=st.integers(0, 3), status=st.sampled_from([Status.NORMAL, Status.CANCELLED])),
)
orders = st.builds(order, runs, number=numbers, products=st.lists(products, min_size=1, max_size=2).map(tuple))
replies = st.builds(Reply, st.just(NOON), code=st.integers(0, 1))
owners = st.sampled_from([ME, "vsop-21"])
rows = st.one_of(
    st.builds(request, st.sampled_from("123")),
    st.builds(started, runs, serial=st.integers(1, 3)),
    st.builds(intended, names, run_id=runs),
    st.builds(replace, st.builds(done, names, run_id=runs), intended=st.booleans()),
    st.builds(LeaseTaken, owners, st.sampled_from("ab"), st.sampled_from([0.0, float("inf")])),
    st.builds(LeaseKept, owners, st.sampled_from("ab"), st.sampled_from([0.0, float("inf")])),
    st.builds(LeaseLeft, owners, st.sampled_from("ab")),
    st.builds(RunTaken, runs, st.integers(0, 2), owners),
    st.builds(Holding, runs, st.integers(0, 2)),
    st.builds(RunResumed, runs, st.integers(0, 2), owners, st.just(NOON)),
    st.builds(UserUnchanged, numbers, st.none()),
    st.just(UserUnchanged(ANN, Subscriber(ANN, "003", PayType.PREPAID))),
    st.builds(
        RelationsUnchanged, st.just(ANN), st.lists(products, max_size=1).map(lambda held: tuple(map(relation, held)))
    ),
    st.builds(OrdersUnchanged, st.just("211"), st.just("c1"), st.integers(0, 2)),
    st.builds(NothingOpen, numbers),
    st.builds(MasterUnchanged, st.just(ObjectKind.PRODUCT), products, st.none() | st.integers(0, 3)),
    st.builds(AuditKept, st.just(NOON), st.just("li"), st.just("retry"), runs, st.just("mended"), st.just("done")),
    st.builds(RunWaiting, runs, st.sampled_from([None, NOON]), st.integers(0, 2), st.just("silent")),
    st.builds(RunEnded, runs, st.sampled_from([RunState.ENDED, RunState.STUCK]), st.just(0), st.just(""), st.just(NOON)),
    st.builds(RunArchived, runs),
    st.builds(RequestsForgotten, st.sampled_from([NOON, NOON + SECOND]), st.integers(0, 2)),
    st.builds(ArchiveForgotten, st.sampled_from([NOON, NOON + SECOND]), st.integers(0, 2)),
    st.builds(SignalArrived, runs, names, replies),
    st.builds(OrderAccepted, orders, st.sampled_from([OrderState.EXECUTING, OrderState.UNCONFIRMED])),
    st.builds(OrderAccepted, st.builds(user_change, runs, number=numbers, old_number=st.none() | numbers)),
    st.builds(OrderAccepted, st.builds(catalogue_change, runs)),
    st.builds(OrderAccepted, st.builds(delivery, runs)),
    st.builds(OrderConfirmed, runs),
    st.builds(OrderEnded, runs, st.just(OrderState.COMPLETED), st.integers(0, 1), st.just(NOON)),
    st.builds(ItemsFreed, runs),
    st.builds(RelationStarted, st.builds(relation, products, number=numbers)),
    st.builds(RelationsMoved, numbers, numbers),
    st.builds(RelationEnded, st.just(ANN), products, st.just(NOON + SECOND)),
    st.builds(RelationChanged, st.just(ANN), products, st.sampled_from(RelationState), st.none() | st.sampled_from(RelationState)),
    st.builds(SubscriberKept, st.builds(Subscriber, numbers, st.just("003"), st.just(PayType.PREPAID))),
    st.builds(MasterKept, objects),
    st.builds(ObjectSynced, objects, st.just(NOON)),
    st.builds(
        CellWritten,
        st.builds(cell, st.sampled_from(DeliveryState), version=st.integers(1, 3), run_id=runs),
    ),
    st.builds(TokenUsed, st.sampled_from("ab"), st.sampled_from([NOON, NOON + SECOND])),
    st.builds(TokensForgotten, st.sampled_from([NOON, NOON + SECOND])),
    st.builds(PartnerChanged, st.sampled_from(["crm", "portal"]), st.sampled_from(["state", "rate"]), st.sampled_from(["", "1"])),
    st.just(CatalogueLoaded((product(),), (offer(),))),
    st.builds(SubscribersLoaded, st.just((Subscriber(ANN, "003", PayType.PREPAID),))),
    st.just(replace(request(), at=NOON.replace(tzinfo=None))),
)  # fmt: skip
