"""Versions in the catalogue, PPM's own state of it and the delivery ledger: kept alike by both adapters."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_rows import ANN, BOB, BOX, NOON, RINGTONE, SECOND, cell, commit, offer, product, relation, request, wait

from gateway.domain.catalogue import Catalogue, Status
from gateway.domain.catalogue_change import CatalogueObject, Cell, DeliveryState, ObjectKind
from gateway.domain.facts import CellWritten, MasterKept, RelationEnded, RelationStarted
from gateway.domain.subscriber import RelationState
from gateway.engine.ports import CatalogueLoaded, DuplicateRequest, ObjectSynced, Outdated, Store

PENDING, DELIVERED = DeliveryState.PENDING, DeliveryState.DELIVERED
REFUSED, SUPERSEDED = DeliveryState.REFUSED, DeliveryState.SUPERSEDED
LATER = NOON + SECOND


def synced(
    version: int, *, name: str = "炫铃", status: Status = Status.NORMAL, product_id: str = RINGTONE
) -> ObjectSynced:
    return ObjectSynced(CatalogueObject(product=product(product_id, name=name, version=version, status=status)), LATER)


def synced_offer(version: int) -> ObjectSynced:
    return ObjectSynced(CatalogueObject(offer=replace(offer(), version=version)), LATER)


def cells_of(store: Store, object_id: str = RINGTONE) -> list[Cell]:
    return list(wait(store.cells(ObjectKind.PRODUCT, object_id)))


def states_of(store: Store) -> list[tuple[int, str, DeliveryState]]:
    return [(c.version, c.target, c.state) for c in cells_of(store)]


# ---- synchronisation -------------------------------------------------------------------------------------------------


def test_synced_product_is_in_the_catalogue(store: Store) -> None:
    """A new product is added, also for who has read the catalogue before."""
    commit(store, CatalogueLoaded((product(BOX),), (offer(),)))
    wait(store.catalogue())
    commit(store, synced(1))
    expected = {BOX: product(BOX), RINGTONE: product(name="炫铃", version=1)}
    assert wait(store.catalogue()) == Catalogue(expected, {offer().id: offer()})


def test_synced_offer_is_in_the_catalogue(store: Store) -> None:
    """An offer is replaced by its newer version, and products stay as they are."""
    commit(store, CatalogueLoaded((product(),), (offer(),)))
    wait(store.catalogue())
    commit(store, synced_offer(1))
    assert wait(store.catalogue()) == Catalogue({RINGTONE: product()}, {offer().id: replace(offer(), version=1)})


@pytest.mark.parametrize("older", [synced(4), synced_offer(4)], ids=["product", "offer"])
def test_older_version_is_outdated(store: Store, older: ObjectSynced) -> None:
    """An older version is refused, and what is held stays."""
    commit(store, synced(5), synced_offer(5))
    before = wait(store.catalogue())
    with pytest.raises(Outdated):
        commit(store, older)
    assert wait(store.catalogue()) == before


def test_product_and_offer_of_one_id_have_versions_of_their_own(store: Store) -> None:
    """The version of a product says nothing of an offer with the same id."""
    commit(store, synced(5))
    commit(store, ObjectSynced(CatalogueObject(offer=replace(offer(RINGTONE), version=1)), NOON))
    assert RINGTONE in wait(store.catalogue()).offers


def test_same_version_again(store: Store) -> None:
    """A repeated version is taken again, not refused."""
    commit(store, synced(5))
    commit(store, synced(5))
    assert wait(store.catalogue()).products[RINGTONE].version == 5


def test_loaded_product_replaces_any_version(store: Store) -> None:
    """What an operator loads from a file stands, and the next version may come."""
    commit(store, synced(5))
    commit(store, CatalogueLoaded((product(),), ()))
    commit(store, synced(1))
    assert wait(store.catalogue()).products[RINGTONE] == product(name="炫铃", version=1)


def test_loaded_version_counts(store: Store) -> None:
    """A file may give a version: an older one is then outdated."""
    commit(store, CatalogueLoaded((product(version=3),), ()))
    with pytest.raises(Outdated):
        commit(store, synced(2))


def test_outdated_commit_leaves_nothing(store: Store) -> None:
    """What stood beside an outdated object is not written."""
    commit(store, synced(5))
    with pytest.raises(Outdated):
        commit(store, request(), synced(1, product_id=BOX), synced(4))
    assert (wait(store.inbox("211", request().streaming_no)), list(wait(store.catalogue()).products)) == (
        None,
        [RINGTONE],
    )


def test_refused_synchronisation_is_not_seen(store: Store) -> None:
    """An object of a commit that is refused does not come into the catalogue that is held decoded."""
    commit(store, request(), synced(1))
    wait(store.catalogue())
    with pytest.raises(DuplicateRequest):
        commit(store, synced(2, name="新"), request())
    assert wait(store.catalogue()).products[RINGTONE].version == 1


def test_cancelled_product_ends_its_relations(store: Store) -> None:
    """With the product its relations end, of every user and suspended ones too; another product's stay."""
    commit(store, RelationStarted(relation()), RelationStarted(relation(BOX)))
    commit(store, RelationStarted(relation(number=BOB, state=RelationState.SUSPENDED)))
    commit(store, synced(1, status=Status.CANCELLED))
    found = [(r.state, r.expires_at) for number in (ANN, BOB) for r in wait(store.relations(number))]
    ended = RelationState.ENDED, LATER
    assert found == [ended, (RelationState.ACTIVE, relation().expires_at), ended]


def test_cancelled_product_leaves_ended_relations(store: Store) -> None:
    """A relation that had ended keeps the time of its end."""
    commit(store, RelationStarted(relation()), RelationEnded(ANN, RINGTONE, NOON))
    commit(store, synced(1, status=Status.CANCELLED))
    assert [r.expires_at for r in wait(store.relations(ANN))] == [NOON]


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.CANCELLED])
def test_product_in_another_state_ends_no_relations(store: Store, status: Status) -> None:
    """Relations survive everything but the cancellation."""
    commit(store, RelationStarted(relation()), synced(1, status=status))
    assert list(wait(store.relations(ANN))) == [relation()]


def test_cancelled_offer_ends_no_relations(store: Store) -> None:
    """Relations are of products: an offer with a product's id takes none with it."""
    gone = CatalogueObject(offer=replace(offer(RINGTONE), status=Status.CANCELLED))
    commit(store, RelationStarted(relation()), ObjectSynced(gone, LATER))
    assert list(wait(store.relations(ANN))) == [relation()]


# ---- masters ---------------------------------------------------------------------------------------------------------


def test_master_is_found(store: Store) -> None:
    """PPM's state of an object comes back by kind and id."""
    mastered = CatalogueObject(product=product(version=3))
    commit(store, MasterKept(mastered))
    found = wait(store.master(ObjectKind.PRODUCT, RINGTONE)), wait(store.master(ObjectKind.OFFER, RINGTONE))
    assert found == (mastered, None)


def test_master_is_no_catalogue(store: Store) -> None:
    """What PPM is at work on cannot be ordered before it is published."""
    commit(store, MasterKept(CatalogueObject(product=product())))
    assert wait(store.catalogue()) == Catalogue()


@pytest.mark.parametrize(("version", "kept"), [(4, 5), (5, 5), (6, 6)])
def test_master_never_grows_older(store: Store, version: int, kept: int) -> None:
    """A newer version replaces the one that is held, an older one does not."""
    commit(store, MasterKept(CatalogueObject(offer=replace(offer(), version=5))))
    commit(store, MasterKept(CatalogueObject(offer=replace(offer(), version=version))))
    found = wait(store.master(ObjectKind.OFFER, offer().id))
    assert found is not None
    assert found.version == kept


def test_master_changes_its_state_within_a_version(store: Store) -> None:
    """The same version in another state replaces what is held."""
    told = CatalogueObject(product=product(version=5, status=Status.TEST))
    commit(store, MasterKept(CatalogueObject(product=product(version=5))), MasterKept(told))
    assert wait(store.master(ObjectKind.PRODUCT, RINGTONE)) == told


# ---- the delivery ledger ---------------------------------------------------------------------------------------------


def test_cells_of_an_object(store: Store) -> None:
    """Cells come by version, then by target, and another object's do not."""
    told = [cell(DELIVERED, version=2), cell(DELIVERED, target="vsop:15"), cell(DELIVERED, target="crm")]
    commit(store, *map(CellWritten, told), CellWritten(cell(object_id=BOX)))
    assert cells_of(store) == [told[2], told[1], told[0]]


def test_cells_of_another_kind(store: Store) -> None:
    """An offer of the same id has no part in a product's cells."""
    commit(store, CellWritten(cell()))
    assert list(wait(store.cells(ObjectKind.OFFER, RINGTONE))) == []


@pytest.mark.parametrize("end", [DELIVERED, REFUSED, SUPERSEDED])
def test_cell_comes_to_its_end(store: Store, end: DeliveryState) -> None:
    """A pending cell becomes what its delivery came to."""
    ended = cell(end, code=7, at=LATER)
    commit(store, CellWritten(cell()), CellWritten(ended))
    assert cells_of(store) == [ended]


@pytest.mark.parametrize("end", [DELIVERED, REFUSED, SUPERSEDED])
def test_cell_keeps_its_end(store: Store, end: DeliveryState) -> None:
    """The same run cannot make it pending again."""
    commit(store, CellWritten(cell(end)), CellWritten(cell(at=LATER)))
    assert cells_of(store) == [cell(end)]


@pytest.mark.parametrize("end", [DELIVERED, REFUSED, SUPERSEDED])
def test_cell_that_is_sent_again(store: Store, end: DeliveryState) -> None:
    """Another run makes it pending again."""
    again = cell(run_id="d2", at=LATER)
    commit(store, CellWritten(cell(end)), CellWritten(again))
    assert cells_of(store) == [again]


def test_newer_version_supersedes_what_is_pending(store: Store) -> None:
    """Older pending cells of the object and target are superseded from then on; others are not touched."""
    commit(store, *(CellWritten(cell(version=v, target=t)) for v, t in [(3, "ocs"), (1, "crm"), (1, "ocs")]))
    commit(store, CellWritten(cell(version=2, run_id="d2", at=LATER)), CellWritten(cell(object_id=BOX)))
    expected = [(1, "crm", PENDING), (1, "ocs", SUPERSEDED), (2, "ocs", PENDING), (3, "ocs", PENDING)]
    assert (states_of(store), cells_of(store)[1].at) == (expected, LATER)


@pytest.mark.parametrize("end", [DELIVERED, REFUSED])
def test_newer_version_leaves_ends(store: Store, end: DeliveryState) -> None:
    """What was delivered or refused stays so when a newer version begins."""
    commit(store, CellWritten(cell(end)), CellWritten(cell(version=2)))
    assert states_of(store) == [(1, "ocs", end), (2, "ocs", PENDING)]


def test_end_of_a_newer_version_supersedes_nothing(store: Store) -> None:
    """Only the beginning of a newer delivery does."""
    commit(store, CellWritten(cell()), CellWritten(cell(DELIVERED, version=2)))
    assert states_of(store) == [(1, "ocs", PENDING), (2, "ocs", DELIVERED)]


def test_cells_are_counted_by_state(store: Store) -> None:
    """Every state is counted, also the one that no cell is in."""
    told = [cell(DELIVERED, version=2), cell(DELIVERED, target="crm"), cell(target="vsop:15"), cell(object_id=BOX)]
    commit(store, *map(CellWritten, told))
    assert wait(store.cell_counts()) == {"pending": 2, "delivered": 2, "refused": 0, "superseded": 0}


# ---- pages of both ---------------------------------------------------------------------------------------------------


def test_masters_come_page_by_page(store: Store) -> None:
    """Offers before products, each by its id; the next page begins behind the last one."""
    kept = [CatalogueObject(product=product(BOX)), CatalogueObject(offer=offer()), CatalogueObject(product=product())]
    commit(store, *map(MasterKept, kept))
    first = wait(store.masters_after("", "", 2))
    rest = wait(store.masters_after(first[-1].kind, first[-1].id, 2))
    expected = [("offer", offer().id), *(("product", one) for one in sorted((BOX, RINGTONE)))]
    assert [(m.kind, m.id) for m in (*first, *rest)] == expected


def test_objects_that_a_target_has_not_taken(store: Store) -> None:
    """Pending and refused ones, the one that waits longest first; what was taken is not there."""
    refused = cell(REFUSED, object_id=BOX, at=LATER)
    commit(store, *map(CellWritten, [refused, cell(), cell(DELIVERED, target="crm"), cell(DELIVERED, object_id="taken")]))
    assert list(wait(store.objects_open(9))) == [(ObjectKind.PRODUCT, RINGTONE), (ObjectKind.PRODUCT, BOX)]


def test_object_that_was_taken_later_is_not_open(store: Store) -> None:
    """What a target refused of an older version counts no more when it has a newer one."""
    commit(store, *map(CellWritten, [cell(REFUSED), cell(DELIVERED, version=2)]))
    assert list(wait(store.objects_open(9))) == []
