"""Figures of a ranking, computed apart from the Swift code: prints the values that RankingMetricsTests expects.

python3 ranking_reference.py
"""
import math

ORDER = ["d3", "x", "d1", "y", "d4", "z"]
JUDGEMENTS = {"d1": 3, "d2": 2, "d3": 1, "d4": 1}


def ndcg(depth):
    gains = [JUDGEMENTS.get(d, 0) for d in ORDER][:depth]
    ideal = sorted(JUDGEMENTS.values(), reverse=True)[:depth]
    dcg = lambda values: sum(g / math.log2(rank + 2) for rank, g in enumerate(values))
    return dcg(gains) / dcg(ideal)


def recall(depth):
    return len([d for d in ORDER[:depth] if d in JUDGEMENTS]) / len(JUDGEMENTS)


print("ndcg@10", ndcg(10), "ndcg@3", ndcg(3), "ndcg@1", ndcg(1))
print("recall@3", recall(3), "recall@10", recall(10))
